"""A small web that plays one story through ten months on loopback, for `monitor demo`."""
