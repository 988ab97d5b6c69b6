//! Heads of requests in, let in or not.

use axum::http::Request;

use super::*;

fn callers(listen: &str, allowed: &[&str]) -> Callers {
    let allowed = allowed.iter().map(|name| name.parse().unwrap());
    Callers::new(listen.parse().unwrap(), allowed)
}

fn head(target: &str, headers: &[(&str, &str)]) -> request::Parts {
    let mut request = Request::builder().uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// Whether each host is let in.
fn check(callers: &Callers, let_in: &[&str], refused: &[&str]) {
    for host in let_in {
        let head = head("/health", &[("host", host)]);
        assert_eq!(callers.check(&head), Ok(()), "{host}");
    }
    for host in refused {
        let head = head("/health", &[("host", host)]);
        let error = callers.check(&head).expect_err(host);
        assert!(matches!(error, Foreign::Host(_)), "{host}: {error}");
    }
}

#[test]
fn on_loopback_local_names_are_let_in_and_no_other() {
    check(
        &callers("127.0.0.1", &[]),
        &[
            "localhost",
            "LOCALHOST:8080",
            "a.localhost",
            "127.0.0.1:8080",
            "127.8.9.1",
            "[::1]:1",
            "sluice",
            "sluice:8080",
        ],
        &[
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "10.0.0.5",
            "127.0.0.1.nip.io",
            "a@localhost",
            "a b",
        ],
    );
}

#[test]
fn an_address_that_is_listened_on_is_let_in() {
    check(
        &callers("10.0.0.5", &[]),
        &["10.0.0.5:8080", "localhost"],
        &["10.0.0.6", "host.example"],
    );
}

#[test]
fn on_all_addresses_any_address_is_let_in_and_no_name() {
    for all in ["0.0.0.0", "::"] {
        check(
            &callers(all, &[]),
            &["10.0.0.5", "[fd00::1]:8080", "192.168.1.1:80"],
            &["host.example"],
        );
    }
}

#[test]
fn a_name_that_the_operator_adds_is_let_in_however_it_is_written() {
    let callers = callers("0.0.0.0", &["Sluice.Internal.", "10.9.9.9"]);
    check(
        &callers,
        &["sluice.internal", "SLUICE.internal.:8080"],
        &["other.internal", "x.sluice.internal"],
    );
}

#[test]
fn the_address_in_the_first_line_counts_as_the_host_does() {
    let callers = callers("127.0.0.1", &[]);
    let check = |target: &str, host: &str| callers.check(&head(target, &[("host", host)]));
    assert_eq!(check("http://localhost/health", "localhost"), Ok(()));
    assert!(check("http://evil.example/health", "localhost").is_err());
    assert!(check("http://localhost/health", "evil.example").is_err());
}

#[test]
fn only_a_request_of_http_1_0_may_name_no_host() {
    let callers = callers("127.0.0.1", &[]);
    let mut none = head("/health", &[]);
    assert_eq!(callers.check(&none), Err(Foreign::NoHost));
    none.version = Version::HTTP_10;
    assert_eq!(callers.check(&none), Ok(()));
    let two = head(
        "/health",
        &[("host", "localhost"), ("host", "evil.example")],
    );
    assert_eq!(callers.check(&two), Err(Foreign::NoHost));
}

#[test]
fn web_pages_are_kept_away_and_programs_are_not() {
    let callers = callers("127.0.0.1", &["chat.example"]);
    let check = |headers: &[(&str, &str)]| {
        let mut all = vec![("host", "localhost:8080")];
        all.extend(headers);
        callers.check(&head("/v1/messages", &all))
    };
    for origin in [
        "https://evil.example",
        "HTTP://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "null",
        "",
        "nonsense",
        "https://chat.example.evil.example",
        "https://x@chat.example",
    ] {
        assert!(
            matches!(check(&[("origin", origin)]), Err(Foreign::Page(_))),
            "{origin}"
        );
    }
    for origin in [
        "http://localhost:8080",
        "https://chat.example",
        "https://chat.example:8443",
        "vscode-webview://1b2c",
        "app://obsidian.md",
        "file://",
        "tauri://localhost",
        "chrome-extension://abc",
    ] {
        assert_eq!(
            check(&[("origin", origin), ("sec-fetch-site", "cross-site")]),
            Ok(()),
            "{origin}"
        );
    }
    for site in ["cross-site", "same-site", "new-word"] {
        assert!(check(&[("sec-fetch-site", site)]).is_err(), "{site}");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(check(&[("sec-fetch-site", site)]), Ok(()), "{site}");
    }
    let mixed = [("origin", "app://a"), ("origin", "https://evil.example")];
    assert!(check(&mixed).is_err());
}

#[test]
fn a_page_at_a_name_without_a_dot_is_kept_away_unless_it_is_allowed() {
    let page = |callers: &Callers, host: &str, page: (&str, &str)| {
        callers.check(&head("/v1/messages", &[("host", host), page]))
    };
    let origin = |host: &str| format!("http://{host}");
    let same_site = ("sec-fetch-site", "same-origin");
    let closed = callers("0.0.0.0", &[]);
    for host in ["sluice:8080", "sluice", "ai", "AI."] {
        let origin = origin(host);
        for sent in [("origin", &*origin), same_site] {
            let refused = page(&closed, host, sent);
            assert!(matches!(refused, Err(Foreign::Page(_))), "{host} {sent:?}");
        }
        // Programs call Sluice by such names.
        assert_eq!(
            closed.check(&head("/v1/messages", &[("host", host)])),
            Ok(())
        );
    }
    let open = callers("0.0.0.0", &["sluice"]);
    for (callers, host) in [
        (&open, "sluice:8080"),
        (&closed, "localhost:8080"),
        (&closed, "a.localhost"),
        (&closed, "127.0.0.1:8080"),
        (&closed, "10.0.0.5:8080"),
        (&closed, "[::1]:8080"),
    ] {
        let origin = origin(host);
        for sent in [("origin", &*origin), same_site] {
            assert_eq!(page(callers, host, sent), Ok(()), "{host} {sent:?}");
        }
    }
}

#[test]
fn an_error_repeats_little_of_what_a_caller_says() {
    let callers = callers("127.0.0.1", &[]);
    let long = "a/".repeat(4000);
    let error = callers.check(&head("/", &[("host", &long)])).unwrap_err();
    assert!(error.to_string().len() < 700, "{error}");
}
