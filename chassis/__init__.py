"""What every service needs and no music: the microservice chassis."""
