//! Checks whether a proxy of the environment stands between an agent and Sluice.

use super::finding::{Finding, problem};
use super::surroundings::Surroundings;
use super::target::Target;

/// The variables that clients read. Most clients read them in either case.
pub(super) const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Returns a problem if agents would ask a proxy for Sluice.
pub(super) fn check(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let (proxies, exceptions) = VARIABLES.split_at(4);
    let proxy = proxies
        .iter()
        .find(|name| surroundings.variable(name).is_some());
    let excepted = exceptions
        .iter()
        .filter_map(|name| surroundings.variable(name))
        .any(|list| excepts(list, target.address().host()));
    match proxy {
        Some(name) if !excepted => vec![problem(format!(
            "{name} is set, so agents may ask that proxy for {target}: add `{}` to NO_PROXY",
            target.address().host()
        ))],
        _ => Vec::new(),
    }
}

/// Whether a list of exceptions covers a host: by its name, by a domain above it, or because it covers all.
fn excepts(list: &str, host: &str) -> bool {
    let entries = list.split([',', ' ']).map(str::trim);
    entries.filter(|entry| !entry.is_empty()).any(|entry| {
        let name = entry.rsplit_once(':').map_or(entry, |(name, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                name
            } else {
                entry
            }
        });
        let domain = name.trim_start_matches(['*', '.']);
        let below = host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || host.eq_ignore_ascii_case(domain) || (!domain.is_empty() && below)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_hosts_domains_or_all() {
        for (list, holds) in [
            ("127.0.0.1", true),
            ("localhost, 127.0.0.1:8080", true),
            ("*", true),
            ("localhost", false),
            ("", false),
            ("7.0.0.1", false),
        ] {
            assert_eq!(excepts(list, "127.0.0.1"), holds, "{list}");
        }
        assert!(excepts(".example.com", "sluice.example.com"));
        assert!(excepts("example.com", "sluice.example.com"));
        assert!(!excepts("ample.com", "sluice.example.com"));
    }

    #[test]
    fn a_proxy_without_an_exception_is_a_problem() {
        let target: Target = "http://127.0.0.1:8080".parse().unwrap();
        let with = |variables: &[(&str, &str)]| {
            let variables = variables
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()));
            let surroundings = Surroundings {
                variables: variables.collect(),
                ..Surroundings::default()
            };
            check(&surroundings, &target)
        };
        assert_eq!(with(&[]), []);
        assert_eq!(
            with(&[("HTTP_PROXY", "http://p"), ("no_proxy", "127.0.0.1")]),
            []
        );
        let found = with(&[("http_proxy", "http://p"), ("NO_PROXY", "localhost")]);
        assert_eq!(
            found,
            [problem(
                "http_proxy is set, so agents may ask that proxy for http://127.0.0.1:8080: add `127.0.0.1` to \
                 NO_PROXY"
            )]
        );
    }
}
