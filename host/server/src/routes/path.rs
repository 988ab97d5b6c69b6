//! Compares paths with the table, and finds those that a server might read in another way than Sluice.

use std::borrow::Cow;

use http::Method;

use super::{Found, ROUTES, Route};

const V1: &str = "/v1";
const ANY: &str = "{id}";

/// How a route's path fits one that was asked for.
enum Fit<'a> {
    Not,
    Plainly,
    /// The path fits, but this segment stands for an id and is not plain.
    Oddly(&'a str),
}

/// Looks up a request in the table.
///
/// `/v1` may be missing or occur twice. Clients send such paths if their base URL ends without it or with one too
/// many.
pub fn find<'a>(method: &Method, path: &'a str) -> Found<'a> {
    let literal = |route: &&Route| !route.path.contains(ANY);
    let mut there: Vec<_> = fitting(path).filter(|(route, _)| literal(route)).collect();
    if there.is_empty() {
        there = fitting(path).collect();
    }
    if let Some(odd) = there.iter().find_map(|(_, odd)| *odd) {
        return Found::Odd(odd);
    }
    let routes = there.iter().map(|(route, _)| *route);
    let takes = |route: &&Route| route.methods.contains(method);
    match routes.clone().find(takes) {
        Some(route) => Found::Route(route, as_listed(route, path)),
        None if there.is_empty() => Found::Nothing,
        None => {
            let methods = routes.flat_map(|route| route.methods);
            Found::OtherMethods(methods.map(Method::as_str).collect())
        }
    }
}

/// Whether a server that is careless with letter case, slashes and dots might take a path for one that
/// policies judge.
pub fn reads_as_judged(path: &str) -> bool {
    let path = carelessly(path);
    let mut judged = ROUTES.iter().filter(|route| route.is_judged());
    judged.any(|route| !matches!(fit(route, &path), Fit::Not))
}

/// Whether a path ends like one that policies judge: `/openai/v1/responses` does.
pub fn ends_as_judged(path: &str) -> bool {
    let path = carelessly(path);
    let mut ends = path.match_indices("/v1/").map(|(at, _)| &path[at..]);
    ends.any(reads_as_judged)
}

/// Returns the model that a path of the table names. Azure calls it a deployment.
pub fn model_in(path: &str) -> Option<&str> {
    path.strip_prefix("/openai/deployments/")?.split('/').next()
}

/// Returns the part of a path below `/v1`, however often that occurs.
pub fn below_v1(path: &str) -> &str {
    let mut below = path;
    while let Some(rest) = below.strip_prefix(V1)
        && rest.starts_with('/')
    {
        below = rest;
    }
    below
}

/// Whether every server reads a segment as it is written: there is nothing to decode, to resolve or to cut off.
fn is_plain(segment: &str) -> bool {
    !segment.is_empty() && !matches!(segment, "." | "..") && segment.chars().all(is_plain_letter)
}

/// The characters that RFC 3986 allows in a segment, without `%` and without `;`, after which some servers read
/// parameters.
pub fn is_plain_letter(found: char) -> bool {
    found.is_ascii_alphanumeric() || "-._~!$&'()*+,=:@".contains(found)
}

fn fitting(path: &str) -> impl Iterator<Item = (&'static Route, Option<&str>)> {
    ROUTES
        .iter()
        .filter_map(move |route| match fit(route, path) {
            Fit::Not => None,
            Fit::Plainly => Some((route, None)),
            Fit::Oddly(segment) => Some((route, Some(segment))),
        })
}

fn fit<'a>(route: &Route, asked: &'a str) -> Fit<'a> {
    let (listed, asked) = match route.path.strip_prefix(V1) {
        Some(listed) => (listed, below_v1(asked)),
        None => (route.path, asked),
    };
    let (mut listed, mut asked) = (listed.split('/'), asked.split('/'));
    let mut fits = Fit::Plainly;
    loop {
        match (listed.next(), asked.next()) {
            (None, None) => return fits,
            (Some(ANY), Some(id)) if !id.is_empty() => {
                if !is_plain(id) {
                    fits = Fit::Oddly(id);
                }
            }
            (Some(name), Some(asked)) if name == asked => {}
            _ => return Fit::Not,
        }
    }
}

fn as_listed<'a>(route: &Route, asked: &'a str) -> Cow<'a, str> {
    let below = below_v1(asked);
    if !route.path.starts_with(V1) || asked.len() == V1.len() + below.len() {
        return Cow::Borrowed(asked);
    }
    Cow::Owned(format!("{V1}{below}"))
}

/// Returns what the most careless server makes of a plain path.
fn carelessly(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let segments = path.split('/').map(|segment| segment.trim_end_matches('.'));
    let read: Vec<_> = segments.filter(|segment| !segment.is_empty()).collect();
    format!("/{}", read.join("/"))
}
