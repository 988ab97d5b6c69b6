//! The table against itself, and paths against the table.

use http::Method;
use sluice_protocol::Api;

use super::{Found, Judged, ROUTES, Route, below_v1, find, reads_as_judged};

/// The path of a route with ids of its own.
fn example(route: &Route) -> String {
    route.path.replace("{id}", "id_1.a:b@c")
}

fn found(method: &Method, path: &str) -> Option<(&'static str, String)> {
    match find(method, path) {
        Found::Route(route, path) => Some((route.path, path.into_owned())),
        _ => None,
    }
}

fn odd(method: &Method, path: &str) -> bool {
    matches!(find(method, path), Found::Odd(_))
}

#[test]
fn each_route_is_found_by_its_methods_and_no_other() {
    let all = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ];
    for route in ROUTES {
        let path = example(route);
        let at_path = || ROUTES.iter().filter(|other| other.path == route.path);
        for method in &all {
            let served = at_path().any(|route| route.methods.contains(method));
            let expected = served.then(|| (route.path, path.clone()));
            assert_eq!(found(method, &path), expected, "{method} {path}");
        }
    }
}

#[test]
fn no_two_routes_serve_the_same_request() {
    for (at, route) in ROUTES.iter().enumerate() {
        for other in &ROUTES[at + 1..] {
            let shared = route
                .methods
                .iter()
                .any(|method| other.methods.contains(method));
            assert!(route.path != other.path || !shared, "{}", route.path);
        }
    }
}

#[test]
fn what_is_judged_has_a_dialect_that_can_read_it() {
    for route in ROUTES {
        assert!(!route.is_judged() || route.api.is_some(), "{}", route.path);
        let silent = route.api == Some(Api::OpenaiEmbeddings);
        assert!(!(silent && route.judges_replies()), "{}", route.path);
        let at_path = || ROUTES.iter().filter(|other| other.path == route.path);
        let judged = at_path().any(Route::is_judged);
        assert_eq!(reads_as_judged(&example(route)), judged, "{}", route.path);
    }
}

#[test]
fn the_version_may_be_missing_or_stand_there_twice() {
    for (asked, meant) in [
        ("/messages", "/v1/messages"),
        ("/v1/v1/messages", "/v1/messages"),
        ("/v1/v1/v1/responses/compact", "/v1/responses/compact"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/responses/resp_1/cancel", "/v1/responses/resp_1/cancel"),
    ] {
        assert_eq!(found(&Method::POST, asked).unwrap().1, meant);
    }
    // Its own paths have no version.
    assert_eq!(found(&Method::HEAD, "/v1/api/hello"), None);
    assert_eq!(found(&Method::GET, "/v1/health"), None);
    assert_eq!(found(&Method::HEAD, "/v1/"), None);
}

#[test]
fn a_path_of_its_own_is_no_id() {
    let Found::OtherMethods(methods) = find(&Method::GET, "/v1/responses/compact") else {
        panic!("it is served as a reply");
    };
    assert_eq!(methods, ["POST"]);
}

#[test]
fn an_id_that_servers_read_differently_is_odd() {
    for id in [
        "..", ".", "a%2fb", "a%2Fb", "%2e%2e", "a%5cb", "a\\b", "a;b", "%00", "a b", "\u{e9}",
        "{x}", "a|b", "a\"b",
    ] {
        for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
            let path = route.path.replacen("{id}", id, 1).replace("{id}", "x");
            assert!(odd(&route.methods[0], &path), "{path}");
            assert!(odd(&Method::PUT, &path), "{path}");
        }
    }
    assert_eq!(
        found(&Method::GET, "/v1/models/org/model").unwrap().0,
        "/v1/models/{id}/{id}"
    );
    for path in [
        "/v1/models/",
        "/v1/models//",
        "/v1/models/a/",
        "/v1/responses//cancel",
    ] {
        assert!(matches!(find(&Method::GET, path), Found::Nothing), "{path}");
    }
}

#[test]
fn what_a_careless_server_takes_for_a_judged_path_is_known() {
    let judged = ROUTES.iter().filter(|route| route.is_judged());
    for path in judged.map(example) {
        let (bare, upper) = (below_v1(&path), path.to_uppercase());
        let (slash, dot) = (format!("{path}/"), format!("{path}."));
        let dots = path.replace("/v1/", "/v1./");
        for read in [&path, bare, &upper, &slash, &dot, &dots] {
            assert!(reads_as_judged(read), "{read}");
        }
    }
    for path in [
        "/v1/files",
        "/v1/messages/batches",
        "/v1/models",
        "/health",
        "/",
    ] {
        assert!(!reads_as_judged(path), "{path}");
    }
}

#[test]
fn codexs_search_is_judged() {
    let Found::Route(route, _) = find(&Method::POST, "/v1/alpha/search") else {
        panic!("it is not served");
    };
    assert_eq!(
        (route.judged, route.api),
        (Judged::Request, Some(Api::OpenaiResponses))
    );
}
