"""The pages of an organization's people, teams, invitations and settings."""
