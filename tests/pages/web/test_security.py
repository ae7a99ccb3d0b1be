from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from commissioning.kernel.file_names import safe_file_name
from commissioning.web.downloads import attachment

ADDRESSES = [
    ("/", 200),
    ("/help/permissions", 200),
    ("/healthz", 200),
    ("/static/platform.css", 200),
    ("/static/no-such-file.css", 404),
    ("/no-such-page", 404),
    ("/probe/undeclared", 404),
    ("/probe/status/303", 303),
    ("/probe/raise/forbidden", 404),
    ("/probe/raise/conflict", 409),
    ("/probe/raise/bad", 422),
    ("/probe/raise/broken", 500),
]


@pytest.mark.parametrize(("address", "status"), ADDRESSES)
def test_every_answer_carries_the_headers(visitor, address, status):
    answer = visitor.get(address, buffered=True)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]


@pytest.mark.parametrize(
    ("method", "status"), [("post", 400), ("put", 405), ("delete", 405), ("patch", 405)]
)
def test_refused_methods_carry_the_headers(visitor, method, status):
    answer = getattr(visitor, method)("/probe/form")
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_each_answer_has_its_own_nonce_and_scripts_bear_it(visitor):
    seen = set()
    for _ in range(2):
        answer = visitor.get("/")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce
        assert set(re.findall(r'<script[^>]*nonce="([^"]*)"', answer.text)) == {nonce[1]}
        assert answer.text.count("<script") == answer.text.count("nonce=")
        seen.add(nonce[1])
    assert len(seen) == 2


def test_pages_are_not_cached_and_static_files_are(visitor, lead):
    for client in (visitor, lead):
        assert client.get("/help/permissions").headers["Cache-Control"] == "no-store"
    link = re.search(r'href="(/static/platform.css\?v=[0-9a-f]+)"', visitor.get("/").text)
    assert link
    assert "max-age=31536000" in visitor.get(link[1], buffered=True).headers["Cache-Control"]
    plain = visitor.get("/static/platform.css", buffered=True)
    assert plain.headers["Cache-Control"] == "no-cache"


def cookies_of(app):
    client = app.test_client()
    answer = client.get("/probe/form", base_url=app.config["COMMISSIONING"].base_url)
    return answer.headers["Set-Cookie"], answer


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    cookie, answer = cookies_of(site)
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_the_cookie_is_bound_to_the_host(make_site):
    cookie, answer = cookies_of(make_site(base_url="https://tenders.example.org"))
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("name", ['a"b.pdf', "ünï.pdf", "../x.pdf", "a\r\nSet-Cookie: x=y"])
def test_a_download_is_an_attachment_in_a_sandbox(site, name):
    with site.test_request_context("/"):
        answer = attachment(b"<script>", name, "text/html")
        head = answer.headers["Content-Disposition"]
    assert head.startswith('attachment; filename="')
    assert head.count('"') == 2
    assert "\n" not in head
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../plan.pdf", "plan.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("plan\u202efdp.exe", "planfdp.exe"),
        ("a\x00b.pdf", "ab.pdf"),
        ("C:plan.pdf", "plan.pdf"),
        ("plan.pdf:hidden.exe", "plan.pdf_hidden.exe"),
        ("nul.pdf", "_nul.pdf"),
        ("a\u00a0b.pdf", "a b.pdf"),
        ("\u2067plan\u2069.pdf", "plan.pdf"),
        ("\ud800.pdf", "pdf"),
        ("", "file"),
        ("...", "file"),
        ("x" * 400 + ".pdf", "x" * 139 + ".pdf"),
    ],
)
def test_a_file_name_loses_what_could_mislead(name, clean):
    assert safe_file_name(name) == clean


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="b.exe',
        "a%22%0d%0a.pdf",
        "plan\u202efdp.exe",
        "a\x00\x1b[31m.pdf",
        "\ud800\udfff.pdf",
        "計画書.pdf",
        "\\",
        "é" * 500,
    ],
)
def test_no_name_leaves_its_place_in_the_head(site, name):
    with site.test_request_context("/"):
        head = attachment(b"", name).headers["Content-Disposition"]
    found = re.fullmatch(r"attachment; filename=\"([ -~]+)\"; filename\*=UTF-8''([ -~]+)", head)
    assert found
    assert not set(found[1]) & set('"%\\/?')
    assert unquote(found[2]) == safe_file_name(name)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("application/pdf", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("a/b\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_type_that_a_browser_could_run_is_not_passed_on(site, said, sent):
    with site.test_request_context("/"):
        assert attachment(b"", "plan.pdf", said).headers["Content-Type"] == sent
