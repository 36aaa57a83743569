"""A Microsoft 365 on loopback that misbehaves on order: an identity server and mail servers."""
