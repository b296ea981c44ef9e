"""How Airflow's auth manager asks the directory: read by Flask-AppBuilder in the api-server, where people log in with LDAP (`.env.example`).

A person is searched for by the reader's account, then their own password is tried. Certificates are checked. Nothing of a person is copied but
the name they log in with; roles come from `fugong account`.
"""

from __future__ import annotations

import os

import ldap
from flask_appbuilder.const import AUTH_LDAP

from fugong.core.secret import read_secret
from fugong_login import DirectorySecurityManager

SECURITY_MANAGER_CLASS = DirectorySecurityManager
AUTH_TYPE = AUTH_LDAP
AUTH_LDAP_SERVER = os.environ["FUGONG_LDAP_URL"]
AUTH_LDAP_USE_TLS = AUTH_LDAP_SERVER.startswith("ldap://") and os.environ.get("FUGONG_LDAP_TLS") != "off"
AUTH_LDAP_TLS_DEMAND = True
AUTH_LDAP_TLS_CACERTFILE = os.environ.get("FUGONG_LDAP_CA") or "/etc/ssl/certs/ca-certificates.crt"
AUTH_LDAP_BIND_USER = os.environ["FUGONG_LDAP_READER"]
AUTH_LDAP_BIND_PASSWORD = read_secret(os.environ, "FUGONG_LDAP_READER_PASSWORD")
AUTH_LDAP_SEARCH = os.environ["FUGONG_LDAP_BASE"]
AUTH_LDAP_SEARCH_FILTER = os.environ.get("FUGONG_LDAP_FILTER", "")
AUTH_LDAP_UID_FIELD = os.environ.get("FUGONG_LDAP_NAME") or "uid"
AUTH_LDAP_FIRSTNAME_FIELD = AUTH_LDAP_LASTNAME_FIELD = AUTH_LDAP_EMAIL_FIELD = AUTH_LDAP_UID_FIELD
# FAB keeps a row for everybody whom the directory lets in. Its role has no rights, and nobody logs in by it.
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = "Nobody"
FAB_ROLES = {AUTH_USER_REGISTRATION_ROLE: []}
FAB_ADD_SECURITY_VIEWS = False

ldap.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)
ldap.set_option(ldap.OPT_TIMEOUT, 5)
