"""Organizations, their people and teams, sign-in and permissions, jobs, e-mails and the audit trail."""
