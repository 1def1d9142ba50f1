"""Who gets in and how: allauth, the second step, the province's own identity service."""

from typing import Any

from lms.settings.environment import ENV

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "people.backends.LearnerCodeBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["full_name", "email", "phone"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "courses:my_learning"
ACCOUNT_SIGNUP_REDIRECT_URL = "courses:placement"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# The library's checks want one of them required. Our form has one field for both and decides by what is typed.
ACCOUNT_SIGNUP_FIELDS = ["phone", "email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "people.forms.SignupForm",
    "login": "people.forms.LoginForm",
    "change_password": "people.forms.ChangePasswordForm",
    "set_password": "people.forms.SetPasswordForm",
    "reset_password": "people.forms.ResetPasswordForm",
    "reset_password_from_key": "people.forms.ResetPasswordKeyForm",
}
# Codes of six digits, good for a quarter of an hour, by text message or e-mail: no links to be found in a mailbox.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 15 * 60
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Học Số: "
# The library's limits, but for two: a whole class signs up behind one Wi-Fi address, and who mistypes a new number may
# correct it at once.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "verify_phone": "1/30s/key,5/h/key,30/m/ip",
    "change_phone": "5/m/user",
    # Slips: looked up by code, and proved by a birth year.
    "slip": "60/m/ip,600/h/ip",
    "slip_year": "10/h/key,60/m/ip",
    # Strangers whom an official comes upon while adding people to a team.
    "person_look": "30/h/user",
    # Posters that have to be made; those made lately are handed out to everybody.
    "poster": "20/m/ip,200/h/ip",
}
# A fresh proof lasts a quarter of an hour, counted from the sign-in or from the last proof.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "people.mfa.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
SLIP_VALID_DAYS = 60
# The file of a practical task that was returned goes so many days after the answer; its words stay.
SUBMISSION_FILE_DAYS = 180
MFA_TOTP_ISSUER = "Học Số"
# Half a minute to either side for slow clocks. A demo shows the codes itself and must not run out of unused ones when
# people sign in and out to try every role.
MFA_TOTP_TOLERANCE = 10 if ENV.demo else 1
MFA_PASSKEY_LOGIN_ENABLED = True
# Finger, face or code every time: a device that lies open on a desk is not its owner.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# People get here only after they proved their phone or address, or with a password that an office handed over.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "people.forms_mfa.SecondStepForm",
    "reauthenticate": "people.forms_mfa.ProofForm",
    "activate_totp": "people.forms_mfa.SetUpAppForm",
    "add_webauthn": "people.forms_mfa.AddPasskeyForm",
    "edit_webauthn": "people.forms_mfa.RenamePasskeyForm",
    "login_webauthn": "people.forms_mfa.PasskeySignInForm",
    "authenticate_webauthn": "people.forms_mfa.PasskeyStepForm",
    "reauthenticate_webauthn": "people.forms_mfa.PasskeyProofForm",
}
# Roles that must have a second step besides those of people.access.STAFF, for example team_leader.
SECOND_STEP_ROLES = ENV.second_step_roles
SOCIALACCOUNT_ADAPTER = "people.identity.IdentityAccountAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "people.identity.IdentitySignupForm",
    "disconnect": "people.identity.DisconnectIdentityForm",
}
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_STORE_TOKENS = False
# Connecting a provider makes another way in: a fresh proof first.
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
# Half a configuration is none: people.E004 says which part is missing.
OIDC = {
    "OIDC_SERVER_URL": ENV.oidc_server_url,
    "OIDC_CLIENT_ID": ENV.oidc_client_id,
    "OIDC_CLIENT_SECRET": ENV.oidc_client_secret,
}
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if all(OIDC.values()):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "tinh",
                "name": ENV.oidc_name,
                "client_id": ENV.oidc_client_id,
                "secret": ENV.oidc_client_secret,
                "settings": {
                    "server_url": ENV.oidc_server_url,
                    "oauth_pkce_enabled": True,
                    # The name, and nothing that would have to be protected.
                    "scope": ["openid", "profile"],
                },
            }
        ]
    }
# Editors come in through the same door as everybody, with its limits and its second step.
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_RESET_ENABLED = False
