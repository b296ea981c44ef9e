"""How Airflow's auth manager asks the directory: read by Flask-AppBuilder in the api-server, where people log in with LDAP (`.env.example`).

A person is searched for by the reader's account, then their own password is tried. Certificates are checked. Nothing of a person is copied but
the name they log in with; roles come from `fugong account`.
"""

from __future__ import annotations

import os

import ldap
from flask_appbuilder.const import AUTH_LDAP

from fugong.access.directory import DirectorySettings
from fugong_login import DirectorySecurityManager

settings = DirectorySettings.load(os.environ)
assert settings is not None, "FUGONG_LDAP_URL is not set"

SECURITY_MANAGER_CLASS = DirectorySecurityManager
AUTH_TYPE = AUTH_LDAP
AUTH_LDAP_SERVER = settings.url
AUTH_LDAP_USE_TLS = settings.starts_tls
AUTH_LDAP_TLS_DEMAND = True
AUTH_LDAP_TLS_CACERTFILE = settings.authorities
AUTH_LDAP_BIND_USER = settings.reader
AUTH_LDAP_BIND_PASSWORD = settings.reader_password
AUTH_LDAP_SEARCH = settings.base
AUTH_LDAP_SEARCH_FILTER = settings.filter
AUTH_LDAP_UID_FIELD = settings.name
AUTH_LDAP_FIRSTNAME_FIELD = AUTH_LDAP_LASTNAME_FIELD = AUTH_LDAP_EMAIL_FIELD = AUTH_LDAP_UID_FIELD
# FAB keeps a row for everybody whom the directory lets in. Its role has no rights, and nobody logs in by it.
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Nobody"
FAB_ROLES = {AUTH_USER_REGISTRATION_ROLE: []}
FAB_ADD_SECURITY_VIEWS = False

ldap.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)
ldap.set_option(ldap.OPT_TIMEOUT, 5)
