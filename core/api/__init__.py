"""What every address of the REST API shares; nothing here knows who asks or what is stocked."""
