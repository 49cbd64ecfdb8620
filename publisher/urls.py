"""Every address the service answers."""

from django.urls import include, path

urlpatterns = [path("", include("publisher.desk.urls"))]
handler500 = "publisher.desk.refusals.fault"
