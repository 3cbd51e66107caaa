"""URLs of people."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from people.views import access_list, notices, organisation, profile, setup, sign_in, tokens, users

app_name = "people"
urlpatterns = [
    path("setup/", setup.first_run, name="setup"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("invitation/<str:token>/", sign_in.invitation, name="invitation"),
    path("password/reset/", sign_in.AskReset.as_view(), name="reset"),
    path("password/reset/sent/", sign_in.ResetSent.as_view(), name="reset_sent"),
    path("password/reset/<uidb64>/<token>/", sign_in.SetPassword.as_view(), name="reset_confirm"),
    path("language/", profile.language, name="language"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("profile/two-step/", profile.two_step_on, name="two_step"),
    path("profile/two-step/qr.svg", profile.two_step_qr, name="two_step_qr"),
    path("profile/two-step/off/", profile.two_step_off, name="two_step_off"),
    path("profile/two-step/codes/", profile.backup_codes, name="backup_codes"),
    path("profile/tokens/", tokens.listing, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("profile/sessions/end/", profile.sign_out_everywhere, name="sign_out_everywhere"),
    path("profile/sessions/<str:handle>/end/", profile.end_session, name="end_session"),
    path("notices/", notices.listing, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/read/", notices.read_all, name="read_all"),
    path("notices/<int:pk>/open/", notices.open_notice, name="open_notice"),
    path("users/", users.listing, name="users"),
    path("users/access/", access_list.listing, name="who_may"),
    path("users/new/", users.invite, name="user_new"),
    path("users/<int:pk>/", users.show, name="user"),
    path("users/<int:pk>/roles/", users.memberships, name="memberships"),
    path("users/<int:pk>/state/", users.activity, name="activity"),
    path("users/<int:pk>/rescue/", users.rescue, name="rescue"),
    path("users/<int:pk>/invite/", users.invite_again, name="invite_again"),
    path("users/<int:pk>/look/", users.look, name="look_as"),
    path("view-as/stop/", users.look_stop, name="look_stop"),
    path("roles/", organisation.roles, name="roles"),
    path("roles/new/", organisation.role, name="role_new"),
    path("roles/<int:pk>/", organisation.role, name="role"),
    path("departments/", organisation.departments, name="departments"),
    path("departments/new/", organisation.department, name="department_new"),
    path("departments/<int:pk>/", organisation.department, name="department"),
    path("departments/<int:pk>/state/", organisation.department_state, name="department_state"),
]
