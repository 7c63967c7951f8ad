"""Worlds, orders and traffic as files: a world's JSON, and HAR."""
