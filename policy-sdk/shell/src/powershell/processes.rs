//! Follows cmdlets that run code, start and stop programs, download, or filter a pipeline.

use super::binding::Bound;
use super::command::Call;
use super::follow::PowerShell;
use super::operators::first;
use super::tree::{Block, Element, Expression, Statement, What};
use super::value::{Value, Values, lines, one, texts, unknown};
use crate::halt::Outcome;
use crate::marks::DOWNLOAD;
use crate::windows::words;
use crate::writes::Way;

impl PowerShell<'_> {
    /// Follows a cmdlet, and returns its output.
    pub(super) fn cmdlet(&mut self, call: &Call) -> Outcome<Values> {
        let bound = call.bound();
        // It only says what it would do, but its script blocks run all the same.
        if bound.has("WhatIf") || is_dry(call) {
            return self.each(call);
        }
        match call.name.as_str() {
            "remove-item" => self.remove_item(call, &bound),
            "get-childitem" => Ok(self.children(call, &bound)),
            "get-item" | "resolve-path" | "convert-path" => {
                let paths = bound.items(&["Path", "LiteralPath"]);
                Ok(if paths.is_empty() {
                    call.passed()
                } else {
                    paths
                })
            }
            "get-content" => Ok(self.content(call, &bound)),
            "join-path" | "split-path" => Ok(self.path_of(call, &bound)),
            "get-location" => Ok(one(self.runner.scene().folder().text())),
            "set-content" | "add-content" | "out-file" | "tee-object" | "clear-content" => {
                self.write_content(call, &bound)
            }
            "copy-item" | "move-item" | "rename-item" => self.copy(call, &bound),
            "new-item" | "mkdir" => self.new_item(call, &bound),
            "set-location" | "push-location" | "pop-location" => {
                self.change_folder(call, &bound);
                Ok(Values::new())
            }
            "invoke-expression" => self.expression(call, &bound),
            "invoke-command" | "start-job" | "start-threadjob" | "measure-command" => {
                let mut output = self.each(call)?;
                for file in bound.texts(&["FilePath"]) {
                    output.extend(self.start(&[file], None)?);
                }
                Ok(output)
            }
            "foreach-object" => self.for_each(call, &bound),
            "where-object" => self.filter(call, &bound),
            "select-object" => Ok(selected(call, &bound)),
            "start-process" => self.start_process(call, &bound),
            "invoke-webrequest" | "invoke-restmethod" | "start-bitstransfer" => {
                self.fetch(call, &bound)
            }
            "write-output" => Ok(bound.items(&["InputObject"])),
            "new-object" => Ok(vec![Value::Type(type_of(&bound))]),
            "set-variable" => {
                let name = bound.text(&["Name"]).unwrap_or_default().to_lowercase();
                self.set(&name, bound.items(&["Value"]));
                Ok(Values::new())
            }
            "set-alias" => {
                let name = bound.text(&["Name"]).unwrap_or_default().to_lowercase();
                let value = bound.text(&["Value"]).unwrap_or_default();
                self.aliases.insert(name, value);
                Ok(Values::new())
            }
            _ => self.machine(call, &bound),
        }
    }

    /// Follows cmdlets that change the machine. They are reported as their counterparts in other
    /// shells.
    fn machine(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let told = |first: &[&str], words: Vec<String>| -> Vec<String> {
            let first = call
                .argv
                .iter()
                .take(1)
                .cloned()
                .chain(first.iter().map(|w| (*w).to_owned()));
            first.chain(words).collect()
        };
        let names = || {
            let names = bound.texts(&["Name", "ProcessName", "DisplayName", "InputObject"]);
            if names.is_empty() {
                texts(&call.passed())
            } else {
                names
            }
        };
        match call.name.as_str() {
            "stop-computer" | "restart-computer" => {
                self.tell("shutdown", &told(&[], Vec::new()))?
            }
            "stop-process" => {
                let patterns = names().iter().map(|name| pattern(name)).collect();
                self.tell("pkill", &told(&[], patterns))?;
                let ids = bound.texts(&["Id"]);
                self.tell("kill", &told(&[], ids))?;
            }
            "stop-service" | "restart-service" | "suspend-service" | "remove-service" => {
                self.tell("systemctl", &told(&["stop"], names()))?;
            }
            "set-service" if bound.has_any(&["StartupType", "Status"]) => {
                let values = bound.texts(&["StartupType", "Status"]);
                let stops = values.iter().any(|value| {
                    matches!(
                        value.to_lowercase().as_str(),
                        "disabled" | "stopped" | "manual"
                    )
                });
                if stops {
                    self.tell("systemctl", &told(&["disable"], names()))?;
                }
            }
            "get-process" | "get-service" => return Ok(bound.items(&["Name", "ProcessName"])),
            "set-itemproperty" | "new-itemproperty" | "set-item" => {
                let words = bound.texts(&["Path", "LiteralPath", "Name", "Value"]);
                self.tell(&call.name, &told(&[], words))?;
            }
            "remove-itemproperty" => {
                for key in bound.texts(&["Path", "LiteralPath"]) {
                    let value = bound.text(&["Name"]).unwrap_or_default();
                    let argv = ["reg", "delete", &key, "/v", &value, "/f"].map(str::to_owned);
                    self.tell("reg", &argv)?;
                }
            }
            _ => {
                let argv = [call.argv.clone(), texts(&call.passed())].concat();
                self.tell(&call.name, &argv)?;
            }
        }
        let ran = self.each(call)?;
        Ok(if ran.is_empty() { passed_on(call) } else { ran })
    }

    fn expression(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let mut code = bound.items(&["Command"]);
        code.extend(call.passed());
        self.run_items(&code)
    }

    /// Runs a text as a PowerShell script.
    pub(super) fn run(&mut self, text: &str) -> Outcome<Values> {
        if text
            .lines()
            .any(|line| line.trim_start().starts_with(DOWNLOAD))
        {
            let argv = ["Invoke-Expression".to_owned(), text.to_owned()];
            self.runner.sink().downloaded(self.runner.scene(), &argv)?;
        }
        self.runner.spend(super::cost(text))?;
        match super::parse::script(text) {
            Some(block) => self.deeper(&block),
            None => Err(crate::halt::Halt::Spent),
        }
    }

    fn for_each(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let member = bound.items(&["Process", "MemberName"]);
        if let [Value::Text(name), rest @ ..] = member.as_slice() {
            // `ForEach-Object Delete`: a member of each, by its name.
            let name = name.to_lowercase();
            let arguments = bound.items(&["ArgumentList"]);
            let given: Vec<Values> = rest
                .iter()
                .chain(&arguments)
                .map(|item| vec![item.clone()])
                .collect();
            return self.member_of_each(&call.passed(), &name, &given);
        }
        self.each(call)
    }

    /// `Where-Object` passes its input on. If the names are known, only those that it selects.
    fn filter(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let passed = call.passed();
        let mut names = None;
        for item in bound.items(&["FilterScript"]) {
            match item {
                Value::Script(script) => {
                    self.rounds("_", &passed, &script)?;
                    names = self.names_of_script(&script)?;
                }
                Value::Text(property) if property.eq_ignore_ascii_case("name") => {
                    let picks = ["EQ", "CEQ", "Like", "CLike", "In", "CIn"];
                    names = bound.has_any(&picks).then(|| bound.texts(&["Value"]));
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

    fn names_of_script(&mut self, script: &Block) -> Outcome<Option<Vec<String>>> {
        let [Statement::Pipeline(elements)] = script.statements.as_slice() else {
            return Ok(None);
        };
        match elements.as_slice() {
            [
                Element {
                    what: What::Expression(condition),
                    ..
                },
            ] => self.names_of(condition),
            _ => Ok(None),
        }
    }

    /// The names that a condition on `$_.Name` selects. Returns `None` if it may select any.
    fn names_of(&mut self, condition: &Expression) -> Outcome<Option<Vec<String>>> {
        match condition {
            Expression::Statements(block) => self.names_of_script(block),
            Expression::Binary(operator, left, right) => match operator.as_str() {
                "or" => {
                    let (left, right) = (self.names_of(left)?, self.names_of(right)?);
                    Ok(left.zip(right).map(|(left, right)| [left, right].concat()))
                }
                "and" => {
                    let left = self.names_of(left)?;
                    Ok(if left.is_some() {
                        left
                    } else {
                        self.names_of(right)?
                    })
                }
                "eq" | "like" | "in" if is_name(left) => Ok(Some(texts(&self.evaluate(right)?))),
                "contains" if is_name(right) => Ok(Some(texts(&self.evaluate(left)?))),
                "match" if is_name(left) => {
                    let pattern = first(&self.evaluate(right)?);
                    Ok(alternatives(&pattern))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn start_process(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let program = bound.text(&["FilePath"]).unwrap_or_default();
        let arguments = bound.texts(&["ArgumentList", "Args"]);
        let split = arguments.iter().flat_map(|argument| words(argument));
        let argv: Vec<String> = std::iter::once(program).chain(split).collect();
        let stdin = call.input.as_deref().map(lines);
        let output = self.start(&argv, stdin.as_deref())?;
        for target in bound.texts(&["RedirectStandardOutput"]) {
            self.runner
                .write(&call.argv, &target, Some(&lines(&output)), Way::Replace)?;
        }
        Ok(Values::new())
    }

    /// `Invoke-WebRequest` and similar: a download, to a file or into the pipeline.
    fn fetch(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let content = DOWNLOAD.to_string();
        let files = bound.texts(&["OutFile", "Destination"]);
        for file in &files {
            self.runner
                .write(&call.argv, file, Some(&content), Way::Replace)?;
        }
        Ok(if files.is_empty() {
            one(content)
        } else {
            Values::new()
        })
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

fn selected(call: &Call, bound: &Bound) -> Values {
    match bound.text(&["ExpandProperty"]).as_deref() {
        Some(name) if name.eq_ignore_ascii_case("name") => {
            super::methods::property(&call.passed(), "name")
        }
        _ => call.passed(),
    }
}

fn type_of(bound: &Bound) -> String {
    let name = bound
        .text(&["TypeName", "ComObject"])
        .unwrap_or_default()
        .to_lowercase();
    name.strip_prefix("system.").unwrap_or(&name).to_owned()
}

fn is_name(expression: &Expression) -> bool {
    let names = ["name", "pschildname", "basename"];
    match expression {
        Expression::Member(member) => {
            member.of == Expression::Variable("_".to_owned())
                && names.contains(&member.name.as_str())
        }
        _ => false,
    }
}

/// The texts that a regular expression such as `^(bin|obj)$` allows.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let inner = inner
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(inner);
    let names: Vec<String> = inner
        .split('|')
        .map(|name| name.replace('\\', ""))
        .collect();
    let is_plain = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "._-".contains(c))
    };
    names.iter().all(is_plain).then_some(names)
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
