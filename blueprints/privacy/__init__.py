"""Personal data: a person gets what is kept of him, or has it erased, and the tenant can prove it as 152-FZ asks.

Everything here runs on the dictionary `tenants/personal_data.py`. The operator of data is the tenant: a request
reaches his own schema and his own rows of `network`; what a dealer holds of a lead of HQ's, his own job erases.
"""
