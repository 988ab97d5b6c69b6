//! The revision of a policy: a digest of everything that decides how it judges and what it may do.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::Limits;
use crate::policy::Identity;

/// The version of what is digested. It changes if the same policy gets another revision.
const FORMAT: &str = "sluice policy revision 1";

/// Returns the revision: a SHA-256 as 64 lowercase hexadecimal digits. It depends on no process and no machine, and not
/// on the policy's name.
pub(crate) fn of(identity: &Identity) -> Arc<str> {
    // Each field is named, so that a new one does not compile until it is digested.
    let Identity {
        digest,
        config,
        on_failure,
        limits,
        grants,
    } = identity;
    let Limits {
        request_fuel,
        block_fuel,
        memory_bytes,
        deadline,
    } = limits;
    let mut revision = Revision(Sha256::new());
    revision.add(FORMAT);
    revision.add(digest.as_bytes());
    // Its keys are sorted.
    revision.add(config.to_string());
    revision.add(on_failure.as_str());
    revision.add(request_fuel.to_le_bytes());
    revision.add(block_fuel.to_le_bytes());
    revision.add((*memory_bytes as u64).to_le_bytes());
    revision.add(deadline.as_nanos().to_le_bytes());
    grants.iter().for_each(|grant| revision.add(grant));
    let digest = revision.0.finalize();
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<String>().into()
}

struct Revision(Sha256);

impl Revision {
    /// The length goes first, so that no two lists of parts are the same bytes.
    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};
    use std::time::Duration;

    use serde_json::json;

    use super::of;
    use crate::policy::Identity;
    use crate::{Limits, OnFailure, PolicySpec};

    fn spec() -> PolicySpec {
        PolicySpec {
            name: "p".to_owned(),
            component: "component".into(),
            config: json!({"a": 1, "b": [true, null]}),
            on_failure: OnFailure::Block,
            limits: Limits::default(),
            grants: BTreeSet::from(["clock".to_owned()]),
        }
    }

    fn revision(spec: &PolicySpec) -> String {
        of(&Identity::of(spec)).to_string()
    }

    /// A policy that differs from `spec` in one field, for each field.
    fn changed() -> Vec<(&'static str, PolicySpec)> {
        // Each field is named, so that a new one does not compile until it is changed here.
        let PolicySpec {
            name: _,
            component: _,
            config: _,
            on_failure: _,
            limits:
                Limits {
                    request_fuel: _,
                    block_fuel: _,
                    memory_bytes: _,
                    deadline: _,
                },
            grants: _,
        } = spec();
        let change = |change: fn(&mut PolicySpec)| {
            let mut spec = spec();
            change(&mut spec);
            spec
        };
        vec![
            ("component", change(|p| p.component = "other".into())),
            ("config", change(|p| p.config["a"] = json!(2))),
            ("config's type", change(|p| p.config["a"] = json!("1"))),
            ("config's list", change(|p| p.config["b"] = json!([true]))),
            ("on_failure", change(|p| p.on_failure = OnFailure::Pass)),
            ("request_fuel", change(|p| p.limits.request_fuel += 1)),
            ("block_fuel", change(|p| p.limits.block_fuel += 1)),
            ("memory_bytes", change(|p| p.limits.memory_bytes += 1)),
            (
                "deadline",
                change(|p| p.limits.deadline += Duration::from_nanos(1)),
            ),
            ("grants", change(|p| p.grants.clear())),
            (
                "one more grant",
                change(|p| p.grants.extend(["state".to_owned()])),
            ),
            (
                "another grant",
                change(|p| p.grants = BTreeSet::from(["clocks".to_owned()])),
            ),
        ]
    }

    #[test]
    fn each_field_that_is_changed_makes_another_revision() {
        let mut seen = HashSet::from([revision(&spec())]);
        for (field, spec) in changed() {
            assert!(seen.insert(revision(&spec)), "{field}");
        }
    }

    #[test]
    fn what_changes_nothing_about_its_judging_leaves_the_revision() {
        let renamed = PolicySpec {
            name: "q".to_owned(),
            ..spec()
        };
        assert_eq!(revision(&renamed), revision(&spec()));
        let reordered = PolicySpec {
            config: serde_json::from_str(r#"{"b":[true,null],"a":1}"#).unwrap(),
            ..spec()
        };
        assert_eq!(revision(&reordered), revision(&spec()));
    }

    /// It stands in recordings for years, so it must not change by accident.
    #[test]
    fn a_revision_stays_what_it_is() {
        let revision = revision(&spec());
        assert_eq!(
            revision,
            "bfba05a0f8939edbdfb6bcf6062f6f9bb345dc3d955885ce73d42b4adb5cf191"
        );
    }
}
