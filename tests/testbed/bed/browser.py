"""Signs a person in at the provider's pages as a browser would: forms, cookies, redirects."""
import html.parser
import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request

# Authorization, sign-in, consent and back take nine.
MOST_STEPS = 20


class _Form(html.parser.HTMLParser):
    """The page's form: where it goes and what it holds."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.buttons, self.complaint = None, {}, [], ""
        self._in_complaint = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action = attrs.get("action", "")
        elif tag == "input" and "name" in attrs:
            self.fields[attrs["name"]] = attrs.get("value", "")
        elif tag == "button" and "name" in attrs:
            self.buttons.append((attrs["name"], attrs.get("value", "")))
        self._in_complaint = attrs.get("role") == "alert"

    def handle_data(self, data):
        if self._in_complaint:
            self.complaint += data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """One cookie jar. `complaint` keeps what the last page complained of."""

    def __init__(self, ca_file):
        context = ssl.create_default_context(cafile=ca_file)
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.cookies))

    def fetch(self, url, form=None):
        """Status, redirect target (or None), text."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            answer = self._opener.open(urllib.request.Request(url, data=data), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            target = answer.headers.get("location")
            return (answer.status, target and urllib.parse.urljoin(url, target),
                    answer.read().decode(errors="replace"))

    def sign_in(self, url, issuer, login, password, deny=False, follow_back=True):
        """From a start address, over the provider's pages, to the application's callback.

        Gives the callback's address and, if it was followed, its status and text. Raises
        RuntimeError where a page is none of ours or the sign-in is refused.
        """
        form = None
        visited_issuer = False
        for _ in range(MOST_STEPS):
            at_issuer = url.startswith(issuer + "/")
            if visited_issuer and not at_issuer:
                return (url, *(self.fetch(url)[::2] if follow_back else (None, "")))
            visited_issuer = visited_issuer or at_issuer
            status, target, text = self.fetch(url, form)
            if target:
                url, form = target, None
                continue
            page = _Form(text)
            if page.action is None or status >= 400:
                raise RuntimeError(f"{url} answered {status}: {page.complaint or text[:300]}")
            form = self._fill(page, login, password, deny)
            url = urllib.parse.urljoin(url, page.action or url)
        raise RuntimeError(f"no end after {MOST_STEPS} steps")

    def sign_in_device(self, url, login, password):
        """From the address with the code in it to the page that says it is done; its text."""
        form = None
        for _ in range(MOST_STEPS):
            status, target, text = self.fetch(url, form)
            if target:
                url, form = target, None
                continue
            page = _Form(text)
            if status >= 400 or page.complaint:
                raise RuntimeError(f"{url} answered {status}: {page.complaint or text[:300]}")
            if page.action is None:
                return text
            form = self._fill(page, login, password, False)
            url = urllib.parse.urljoin(url, page.action or url)
        raise RuntimeError(f"no end after {MOST_STEPS} steps")

    @staticmethod
    def _fill(page, login, password, deny):
        """As a person would: what is filled in by `login_hint` stays."""
        fields = dict(page.fields)
        if "password" in fields:
            fields["login"] = login or fields["login"]
            fields["password"] = password
        if not page.buttons:
            return fields  # a page that sends its form by itself
        name, value = page.buttons[1 if deny else 0]
        return {**fields, name: value}
