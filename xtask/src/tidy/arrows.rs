//! Checks which crate may depend on which.
//!
//! Cargo forbids cycles, but does not keep a crate without I/O from depending on a runtime one day.

use super::Finding;
use crate::workspace::Package;

/// A package and what it must not depend on. Dependencies of its tests do not count.
const FORBIDDEN: [(&str, &[&str]); 10] = [
    (
        "sluice-api",
        &[
            "tokio",
            "wasmtime",
            "http",
            "hyper",
            "axum",
            "reqwest",
            "sqlx",
            "sluice-engine",
            "sluice-protocol",
            "sluice-server",
            "sluice-store",
        ],
    ),
    (
        "sluice-protocol",
        &[
            "tokio",
            "wasmtime",
            "http",
            "hyper",
            "axum",
            "reqwest",
            "sluice-engine",
        ],
    ),
    (
        "sluice-engine",
        &["axum", "http", "hyper", "reqwest", "sluice-server"],
    ),
    (
        "sluice-store",
        &[
            "axum",
            "http",
            "hyper",
            "reqwest",
            "wasmtime",
            "sluice-engine",
            "sluice-protocol",
            "sluice-server",
        ],
    ),
    (
        "sluice-policy-sdk",
        &[
            "tokio",
            "wasmtime",
            "sluice-engine",
            "sluice-protocol",
            "sluice-policy-shell",
            "sluice-policy-code",
            "sluice-policy-tools",
        ],
    ),
    (
        "sluice-policy-shell",
        &[
            "tokio",
            "wasmtime",
            "sluice-engine",
            "sluice-protocol",
            "sluice-policy-sdk",
            "sluice-policy-code",
            "sluice-policy-tools",
        ],
    ),
    (
        "sluice-policy-code",
        &[
            "tokio",
            "wasmtime",
            "sluice-engine",
            "sluice-protocol",
            "sluice-policy-sdk",
            "sluice-policy-shell",
            "sluice-policy-tools",
        ],
    ),
    (
        "sluice-policy-tools",
        &[
            "tokio",
            "wasmtime",
            "sluice-engine",
            "sluice-protocol",
            "block-dangerous-commands",
        ],
    ),
    (
        "sluice-componentize",
        &["tokio", "wasmtime", "sluice-engine", "sluice-server"],
    ),
    (
        "xtask",
        &[
            "tokio",
            "wasmtime",
            "sluice-engine",
            "sluice-server",
            "sluice-protocol",
        ],
    ),
];
/// The one package that knows SQL.
const SQL: &str = "sluice-store";
/// The packages that compile policies. The engine never does: it gets finished components.
const COMPILE: [&str; 3] = ["sluice-server", "sluice-tests", "xtask"];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let edges = packages.iter().flat_map(|package| {
        package
            .needs()
            .map(|needed| (package.name.as_str(), needed))
    });
    edges
        .filter_map(|(package, needed)| fault(package, needed))
        .collect()
}

fn fault(package: &str, needed: &str) -> Option<Finding> {
    let rules = FORBIDDEN.iter().find(|(name, _)| *name == package);
    let forbidden = rules.is_some_and(|(_, forbidden)| forbidden.contains(&needed));
    let compiles = needed == "sluice-componentize" && !COMPILE.contains(&package);
    let sql = needed == "sqlx" && package != SQL;
    let what = format!("`{package}` must not depend on `{needed}`");
    (forbidden || compiles || sql).then(|| Finding::new("Cargo.toml", 0, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_that_must_not_be_are_found() {
        assert!(fault("sluice-protocol", "serde").is_none());
        assert!(fault("sluice-engine", "tokio").is_none());
        assert!(fault("xtask", "sluice-componentize").is_none());
        assert!(fault("sluice-policy-tools", "sluice-policy-shell").is_none());
        assert!(fault("sluice-policy-shell", "sluice-policy-code").is_some());
        assert!(fault("sluice-api", "sluice-store").is_some());
        assert!(fault("sluice-policy-sdk", "sluice-policy-tools").is_some());
        assert!(fault("sluice-engine", "sluice-componentize").is_some());
        assert!(fault("sluice-store", "sqlx").is_none());
        assert!(fault("sluice-server", "sqlx").is_some());
        let finding = fault("sluice-protocol", "tokio").unwrap();
        assert_eq!(finding.what, "`sluice-protocol` must not depend on `tokio`");
    }
}
