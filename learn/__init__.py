"""A hands-on course: from an empty file to a shop that neither loses nor takes a payment twice.

``python -m learn`` starts chapters and checks them; `make learn` shows the course in a browser.
"""
