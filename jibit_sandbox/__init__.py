"""The practice bank: a local gateway that speaks Jibit's wire, failures included."""
