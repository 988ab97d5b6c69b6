//! Checks a policy's imports against its declared needs and the operator's grants.

use std::collections::BTreeSet;

use wasmtime::component::Component;

use super::LoadFault;
use crate::text;

/// The interfaces that need no grant. `types` holds no functions.
const ALWAYS: [&str; 3] = ["types", "request", "telemetry"];
/// The further interfaces of the contract. This version of the host links none of them yet.
const GRANTABLE: [&str; 4] = ["clock", "inference", "random", "state"];

/// The contract's package, as it appears before the name of each of its interfaces.
const PACKAGE: &str = "sluice:policy/";
/// The version of the contract that this host implements.
const VERSION: &str = "0.1.0";

/// Returns the interfaces that the binary imports beyond those that every policy has. Fails if the
/// binary was built for another version of the contract.
pub(super) fn read(component: &Component) -> Result<BTreeSet<String>, LoadFault> {
    let ty = component.component_type();
    let exports = ty.exports(component.engine());
    for (name, _) in ty.imports(component.engine()).chain(exports) {
        check_version(name)?;
    }
    let mut imports = BTreeSet::new();
    for (name, _) in ty.imports(component.engine()) {
        let interface = interface(name)?;
        if !ALWAYS.contains(&interface) {
            imports.insert(interface.to_owned());
        }
    }
    Ok(imports)
}

/// The short name of an interface of the contract.
fn interface(import: &str) -> Result<&str, LoadFault> {
    let shown = || text::one_line(text::cut(import, 256));
    if import.starts_with("wasi:") {
        return Err(LoadFault::Wasi(shown()));
    }
    import
        .strip_prefix(PACKAGE)
        .map(|rest| rest.split('@').next().unwrap_or(rest))
        .filter(|name| ALWAYS.contains(name) || GRANTABLE.contains(name))
        .ok_or_else(|| LoadFault::UnknownImport(shown()))
}

/// Compares minor versions, because another one may have other types under the same names.
fn check_version(name: &str) -> Result<(), LoadFault> {
    let version = name
        .strip_prefix(PACKAGE)
        .and_then(|rest| rest.split_once('@'));
    match version {
        Some((_, version)) if minor(version) != minor(VERSION) => Err(LoadFault::Version {
            built_for: text::one_line(text::cut(version, 64)),
            offered: VERSION,
        }),
        _ => Ok(()),
    }
}

/// Returns `0.1` for `0.1.7`.
fn minor(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(minor, _)| minor)
}

/// Refuses a grant of an unknown name, because a mistyped grant would look as if it were given.
pub(super) fn check_grants(grants: &BTreeSet<String>) -> Result<(), LoadFault> {
    let unknown = grants.iter().find(|grant| !GRANTABLE.contains(&&***grant));
    unknown.map_or(Ok(()), |grant| Err(LoadFault::UnknownGrant(grant.clone())))
}

/// Checks that the imports are among the needs, the needs among the grants, and both among what
/// this version offers.
pub(super) fn check(
    imports: &BTreeSet<String>,
    needs: &BTreeSet<String>,
    grants: &BTreeSet<String>,
) -> Result<(), LoadFault> {
    let needed = |need: &&String| !ALWAYS.contains(&need.as_str());
    let fault = if let Some(import) = imports.difference(needs).next() {
        format!("it imports `{import}` and does not declare that it needs it")
    } else if let Some(need) = needs.difference(grants).find(needed) {
        format!("it needs `{need}`, which the policy file does not grant it")
    } else if let Some(need) = needs.iter().find(needed) {
        format!("it needs `{need}`, which this version of the host does not offer yet")
    } else {
        return Ok(());
    };
    Err(LoadFault::NotGranted {
        fault,
        imports: imports.clone(),
        needs: needs.clone(),
        grants: grants.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{VERSION, check, check_grants, check_version, interface};

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn fault(imports: &[&str], needs: &[&str], grants: &[&str]) -> String {
        let checked = check(&set(imports), &set(needs), &set(grants));
        checked.map_or_else(|fault| fault.to_string(), |()| "fine".to_owned())
    }

    #[test]
    fn a_policy_that_imports_nothing_needs_no_grant() {
        assert_eq!(fault(&[], &[], &[]), "fine");
        assert_eq!(fault(&[], &["request", "telemetry"], &["clock"]), "fine");
    }

    #[test]
    fn a_refusal_shows_imports_needs_and_grants_side_by_side() {
        assert_eq!(
            fault(&["clock"], &["clock"], &["state"]),
            "not granted: it needs `clock`, which the policy file does not grant it (it imports: \
             `clock`; it declares as needs: `clock`; the operator grants: `state`)"
        );
        assert_eq!(
            fault(&["clock"], &[], &["clock"]),
            "not granted: it imports `clock` and does not declare that it needs it (it imports: \
             `clock`; it declares as needs: nothing; the operator grants: `clock`)"
        );
    }

    #[test]
    fn what_this_version_does_not_offer_is_refused_though_granted() {
        let fault = fault(&["clock"], &["clock"], &["clock"]);
        assert!(fault.starts_with("not granted: it needs `clock`, which this version"));
    }

    #[test]
    fn wasi_and_strangers_are_told_apart() {
        let fault = |import| interface(import).unwrap_err().to_string();
        assert_eq!(interface("sluice:policy/clock@0.1.0"), Ok("clock"));
        assert!(fault("wasi:io/poll@0.2.3").contains("policies get no WASI"));
        assert!(fault("acme:db/rows").contains("not part of `sluice:policy`"));
        assert!(fault("sluice:policy/files@0.1.0").contains("not part of `sluice:policy`"));
    }

    #[test]
    fn a_policy_of_another_minor_version_is_told_which_one_is_offered() {
        assert!(check_version("sluice:policy/hooks@0.1.9").is_ok());
        assert!(check_version("acme:db/rows@7.0.0").is_ok());
        let fault = check_version("sluice:policy/hooks@0.2.0").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "it was built for `sluice:policy` 0.2.0, and this host offers 0.1.0: build it with the \
             SDK of this host's version"
        );
    }

    #[test]
    fn the_offered_version_is_that_of_the_package() {
        let package = format!("package sluice:policy@{VERSION};");
        assert!(include_str!("../../../../wit/policy.wit").contains(&package));
    }

    #[test]
    fn a_slip_in_a_grant_is_found() {
        assert!(check_grants(&set(&["clock", "state"])).is_ok());
        assert!(check_grants(&set(&["clok"])).is_err());
    }
}
