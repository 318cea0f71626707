"""Who is speaking: the registry of tenants, host to tenant, roles and policies, provisioning, migrating."""
