"""A client of the Jibit payment gateways that can be lifted out: it knows no shop and no Flask."""
