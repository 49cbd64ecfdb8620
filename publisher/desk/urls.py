"""The desk's addresses."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from publisher.desk.views import (
    accounts,
    attention,
    composing,
    files,
    holding,
    item,
    live,
    people,
    signing_in,
    tokens,
    waiting,
)

urlpatterns: list[URLPattern] = [
    path("", waiting.waiting, name="waiting"),
    path("sign-in/", signing_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("set-password/", signing_in.set_password, name="set_password"),
    path("password/", signing_in.change_password, name="change_password"),
    path("items/new/", composing.new, name="new"),
    path("items/<slug:reference>/", item.item, name="item"),
    path("items/<slug:reference>/edit/", composing.edit, name="edit"),
    path("items/<slug:reference>/submit/", item.submit, name="submit"),
    path("items/<slug:reference>/approve/", item.approve, name="approve"),
    path("items/<slug:reference>/send-back/", item.send_back, name="send_back"),
    path("items/<slug:reference>/take-down/", item.take_down, name="take_down"),
    path("items/<slug:reference>/hold/", item.hold, name="hold"),
    path("items/<slug:reference>/release/", item.release, name="release"),
    path("items/<slug:reference>/original/", files.original, name="original"),
    path("items/<slug:reference>/renditions/<str:sha256>/", files.rendition, name="rendition"),
    path("items/<slug:reference>/renditions/<str:sha256>/small/", files.preview, name="preview"),
    path("live/", live.live, name="live"),
    path("live/removed/", live.removed, name="removed"),
    path("attention/", attention.needed, name="attention"),
    path("posts/<int:number>/retry/", attention.retry, name="retry"),
    path("posts/<int:number>/settle/", attention.settle, name="settle"),
    path("posts/<int:number>/by-hand/", attention.by_hand, name="by_hand"),
    path("people/<slug:number>/", people.person, name="person"),
    path("holds/", holding.holds, name="holds"),
    path("holds/freeze/", holding.freeze, name="freeze"),
    path("holds/<slug:slug>/hold/", holding.hold_campaign, name="hold_campaign"),
    path("holds/<slug:slug>/release/", holding.release_campaign, name="release_campaign"),
    path("holds/<slug:slug>/take-down/", holding.take_down_campaign, name="take_down_campaign"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<str:name>/comments-off/", accounts.attest_comments, name="attest_comments"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:number>/revoke/", tokens.revoke, name="revoke"),
]
