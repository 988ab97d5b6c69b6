//! Follows cmdlets: those that run code, start programs, download, or filter a pipeline here.

use super::binding::Bound;
use super::command::Call;
use super::condition::Condition;
use super::files::Files;
use super::follow::PowerShell;
use super::machine::Machine;
use super::methods::{self, Invocation};
use super::value::{Value, Values, lines, one, unknown};
use crate::halt::Outcome;
use crate::marks::DOWNLOAD;
use crate::runner::Runner;
use crate::windows::words;
use crate::writes::Way;

/// A call of a cmdlet, with its arguments by parameter.
pub(super) struct Cmdlet<'c> {
    pub(super) call: &'c Call,
    pub(super) bound: Bound,
}

impl Cmdlet<'_> {
    /// Follows a cmdlet, and returns its output.
    pub(super) fn follow(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        // It only says what it would do, but its script blocks run all the same.
        if self.bound.has("WhatIf") || is_dry(self.call) {
            return self.call.each(shell);
        }
        let files = Files {
            call: self.call,
            bound: &self.bound,
        };
        match self.call.name.as_str() {
            "remove-item" => files.remove_item(shell.runner),
            "get-childitem" => Ok(files.children()),
            "get-item" | "resolve-path" | "convert-path" => {
                let paths = self.bound.items(&["Path", "LiteralPath"]);
                Ok(if paths.is_empty() {
                    self.call.passed()
                } else {
                    paths
                })
            }
            "get-content" => Ok(files.content(shell.runner.scene())),
            "join-path" | "split-path" => Ok(files.path_of()),
            "get-location" => Ok(one(shell.runner.scene().folder().text())),
            "set-content" | "add-content" | "out-file" | "tee-object" | "clear-content" => {
                files.write_content(shell.runner)
            }
            "copy-item" | "move-item" | "rename-item" => files.copy(shell.runner),
            "new-item" | "mkdir" => files.new_item(shell.runner),
            "set-location" | "push-location" | "pop-location" => {
                files.change_folder(shell.runner.scene_mut());
                Ok(Values::new())
            }
            "invoke-expression" => self.expression(shell),
            "invoke-command" | "start-job" | "start-threadjob" | "measure-command" => {
                let mut output = self.call.each(shell)?;
                for file in self.bound.texts(&["FilePath"]) {
                    output.extend(shell.start(&[file], None)?);
                }
                Ok(output)
            }
            "foreach-object" => self.for_each(shell),
            "where-object" => self.filter(shell),
            "select-object" => Ok(self.selected()),
            "start-process" => self.start_process(shell),
            "invoke-webrequest" | "invoke-restmethod" | "start-bitstransfer" => {
                self.fetch(shell.runner)
            }
            "write-output" => Ok(self.bound.items(&["InputObject"])),
            "new-object" => Ok(vec![Value::Type(type_of(&self.bound))]),
            "set-variable" => {
                let name = self
                    .bound
                    .text(&["Name"])
                    .unwrap_or_default()
                    .to_lowercase();
                shell.variables.set(&name, self.bound.items(&["Value"]));
                Ok(Values::new())
            }
            "set-alias" => {
                let name = self
                    .bound
                    .text(&["Name"])
                    .unwrap_or_default()
                    .to_lowercase();
                let value = self.bound.text(&["Value"]).unwrap_or_default();
                shell.aliases.insert(name, value);
                Ok(Values::new())
            }
            _ => self.machine(shell),
        }
    }

    /// Follows cmdlets that change the machine, and those that are not known.
    fn machine(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let machine = Machine {
            call: self.call,
            bound: &self.bound,
        };
        if machine.is_query() {
            return Ok(self.bound.items(&["Name", "ProcessName"]));
        }
        machine.report(shell.runner)?;
        let ran = self.call.each(shell)?;
        Ok(if ran.is_empty() {
            passed_on(self.call)
        } else {
            ran
        })
    }

    fn expression(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let mut code = self.bound.items(&["Command"]);
        code.extend(self.call.passed());
        shell.run_items(&code)
    }

    fn for_each(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let member = self.bound.items(&["Process", "MemberName"]);
        if let [Value::Text(name), rest @ ..] = member.as_slice() {
            // `ForEach-Object Delete`: a member of each, by its name.
            let name = name.to_lowercase();
            let arguments = self.bound.items(&["ArgumentList"]);
            let given: Vec<Values> = rest
                .iter()
                .chain(&arguments)
                .map(|item| vec![item.clone()])
                .collect();
            let of = self.call.passed();
            return Invocation::of_each(of, &name, given, shell);
        }
        self.call.each(shell)
    }

    /// `Where-Object` passes its input on. If the names are known, only those that it selects.
    fn filter(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let passed = self.call.passed();
        let mut names = None;
        for item in self.bound.items(&["FilterScript"]) {
            match item {
                Value::Script(script) => {
                    shell.rounds("_", &passed, &script)?;
                    names = Condition::of(&script)
                        .map_or(Ok(None), |condition| condition.names(shell))?;
                }
                Value::Text(property) if property.eq_ignore_ascii_case("name") => {
                    let picks = ["EQ", "CEQ", "Like", "CLike", "In", "CIn"];
                    names = self
                        .bound
                        .has_any(&picks)
                        .then(|| self.bound.texts(&["Value"]));
                }
                _ => {}
            }
        }
        let Some(names) = names else {
            return Ok(passed);
        };
        let named = passed.iter().flat_map(|item| {
            let text = item.as_text();
            let folder = text
                .rsplit_once(['/', '\\'])
                .map(|(folder, _)| folder.to_owned());
            let paths = names.iter().map(move |name| match &folder {
                Some(folder) => Value::text(format!("{folder}/{name}")),
                None => Value::text(name),
            });
            paths.collect::<Values>()
        });
        Ok(named.collect())
    }

    fn start_process(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let program = self.bound.text(&["FilePath"]).unwrap_or_default();
        let arguments = self.bound.texts(&["ArgumentList", "Args"]);
        let split = arguments.iter().flat_map(|argument| words(argument));
        let argv: Vec<String> = std::iter::once(program).chain(split).collect();
        let stdin = self.call.input.as_deref().map(lines);
        let output = shell.start(&argv, stdin.as_deref())?;
        for target in self.bound.texts(&["RedirectStandardOutput"]) {
            shell.runner.write(
                &self.call.argv,
                &target,
                Some(&lines(&output)),
                Way::Replace,
            )?;
        }
        Ok(Values::new())
    }

    /// `Invoke-WebRequest` and similar: a download, to a file or into the pipeline.
    fn fetch(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let content = DOWNLOAD.to_string();
        let files = self.bound.texts(&["OutFile", "Destination"]);
        for file in &files {
            runner.write(&self.call.argv, file, Some(&content), Way::Replace)?;
        }
        Ok(if files.is_empty() {
            one(content)
        } else {
            Values::new()
        })
    }

    /// `Select-Object`.
    fn selected(&self) -> Values {
        match self.bound.text(&["ExpandProperty"]).as_deref() {
            Some(name) if name.eq_ignore_ascii_case("name") => {
                methods::property(&self.call.passed(), "name")
            }
            _ => self.call.passed(),
        }
    }
}

/// `-WhatIf` of a cmdlet whose parameters are not known.
fn is_dry(call: &Call) -> bool {
    super::parameters::of(&call.name).is_none()
        && call
            .argv
            .iter()
            .any(|word| word.eq_ignore_ascii_case("-whatif"))
}

/// The output of a cmdlet that is not followed: unknown, but a download stays one.
fn passed_on(call: &Call) -> Values {
    let has_download = |item: &Value| matches!(item, Value::Text(text) if text.contains(DOWNLOAD));
    let filters = [
        "sort-object",
        "out-string",
        "get-unique",
        "group-object",
        "out-host",
    ];
    if filters.contains(&call.name.as_str()) || call.passed().iter().any(has_download) {
        return call.passed();
    }
    match call.name.as_str() {
        // An action on these objects is reported with the name of their class.
        "get-wmiobject" | "get-ciminstance" => one(call.argv[1..].join(" ")),
        name if name.starts_with("get-") => unknown(),
        _ => Values::new(),
    }
}

fn type_of(bound: &Bound) -> String {
    let name = bound
        .text(&["TypeName", "ComObject"])
        .unwrap_or_default()
        .to_lowercase();
    name.strip_prefix("system.").unwrap_or(&name).to_owned()
}
