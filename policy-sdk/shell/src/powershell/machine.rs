//! Reports cmdlets that change the machine: its processes, services, registry.

use super::binding::Bound;
use super::command::Call;
use super::value::texts;
use crate::halt::Outcome;
use crate::runner::Runner;

/// A call of a cmdlet that may change the machine.
pub(super) struct Machine<'c> {
    pub(super) call: &'c Call,
    pub(super) bound: &'c Bound,
}

impl Machine<'_> {
    /// Whether it only asks for processes or services.
    pub(super) fn is_query(&self) -> bool {
        matches!(self.call.name.as_str(), "get-process" | "get-service")
    }

    /// Reports the call as its counterpart in other shells, or as it is if there is none.
    pub(super) fn report(&self, runner: &dyn Runner) -> Outcome<()> {
        let told = |first: &[&str], words: Vec<String>| -> Vec<String> {
            let first = self
                .call
                .argv
                .iter()
                .take(1)
                .cloned()
                .chain(first.iter().map(|w| (*w).to_owned()));
            first.chain(words).collect()
        };
        let names = || {
            let names = self
                .bound
                .texts(&["Name", "ProcessName", "DisplayName", "InputObject"]);
            if names.is_empty() {
                texts(&self.call.passed())
            } else {
                names
            }
        };
        match self.call.name.as_str() {
            "stop-computer" | "restart-computer" => {
                runner.report("shutdown", &told(&[], Vec::new()))?
            }
            "stop-process" => {
                let patterns = names().iter().map(|name| pattern(name)).collect();
                runner.report("pkill", &told(&[], patterns))?;
                let ids = self.bound.texts(&["Id"]);
                runner.report("kill", &told(&[], ids))?;
            }
            "stop-service" | "restart-service" | "suspend-service" | "remove-service" => {
                runner.report("systemctl", &told(&["stop"], names()))?;
            }
            "set-service" if self.bound.has_any(&["StartupType", "Status"]) => {
                let values = self.bound.texts(&["StartupType", "Status"]);
                let stops = values.iter().any(|value| {
                    matches!(
                        value.to_lowercase().as_str(),
                        "disabled" | "stopped" | "manual"
                    )
                });
                if stops {
                    runner.report("systemctl", &told(&["disable"], names()))?;
                }
            }
            "set-itemproperty" | "new-itemproperty" | "set-item" => {
                let words = self.bound.texts(&["Path", "LiteralPath", "Name", "Value"]);
                runner.report(&self.call.name, &told(&[], words))?;
            }
            "remove-itemproperty" => {
                for key in self.bound.texts(&["Path", "LiteralPath"]) {
                    let value = self.bound.text(&["Name"]).unwrap_or_default();
                    let argv = ["reg", "delete", &key, "/v", &value, "/f"].map(str::to_owned);
                    runner.report("reg", &argv)?;
                }
            }
            _ => {
                let argv = [self.call.argv.clone(), texts(&self.call.passed())].concat();
                runner.report(&self.call.name, &argv)?;
            }
        }
        Ok(())
    }
}

/// Converts a name with wildcards to a pattern for `pkill`.
fn pattern(name: &str) -> String {
    if name.contains(['*', '?']) {
        return format!(
            "^{}$",
            name.replace('.', "\\.")
                .replace('*', ".*")
                .replace('?', ".")
        );
    }
    name.to_owned()
}
