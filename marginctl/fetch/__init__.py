"""What the exchange answers over the network: the only room that may open a socket."""
