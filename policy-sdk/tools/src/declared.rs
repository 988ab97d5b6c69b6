//! What the request declares of a tool: whether it runs what it is given.

use std::cell::OnceCell;

use serde_json::Value;
use sluice_policy_sdk::Request;

use crate::speech::Speech;
use crate::tool::{last_part, plain};

/// The declaration of one tool. It is looked up when it is first asked.
pub(crate) struct Declared<'a> {
    request: Option<&'a Request>,
    name: &'a str,
    tool: OnceCell<Option<Value>>,
}

const RUNNING: &[&str] = &[
    "run",
    "runs",
    "running",
    "execute",
    "executes",
    "executed",
    "executing",
    "execution",
    "launch",
    "launches",
    "start",
    "starts",
    "spawn",
    "spawns",
    "invoke",
    "invokes",
    "evaluate",
    "evaluates",
    "send",
    "sends",
    "type",
    "types",
];

const RUN: &[&str] = &[
    "shell",
    "bash",
    "terminal",
    "command",
    "commands",
    "powershell",
    "console",
    "process",
    "subprocess",
    "script",
    "scripts",
    "python",
    "javascript",
    "code",
    "repl",
    "zsh",
    "cmd",
];

/// How many words of a description count: the rest is advice.
const MOST_WORDS: usize = 60;
/// How many words may stand between the subject and the verb that says it runs.
const FARTHEST: usize = 8;

impl<'a> Declared<'a> {
    /// The declaration of this tool in `request`. Without a request there is none.
    pub(crate) fn of(request: Option<&'a Request>, name: &'a str) -> Self {
        Self {
            request,
            name,
            tool: OnceCell::new(),
        }
    }

    /// Whether the tool takes free text and not JSON. `None` if it is not declared.
    pub(crate) fn takes_text(&self) -> Option<bool> {
        let tool = self.tool()?;
        Some(tool["type"] == "custom" && tool.get("input_schema").is_none())
    }

    /// The language that the tool's description names.
    pub(crate) fn speech(&self) -> Option<Speech> {
        words(description(self.tool()?)).find_map(|word| match word.as_str() {
            // These are places, not languages.
            "terminal" | "console" => None,
            word => Speech::named(word),
        })
    }

    /// Whether the tool runs what it is given in this argument.
    pub(crate) fn runs(&self, field: &str) -> bool {
        let Some(tool) = self.tool() else {
            return false;
        };
        let properties = &schema(tool)["properties"];
        let says_run = |value: &Value| says_run(value["description"].as_str().unwrap_or_default());
        let texts = properties.as_object().into_iter().flatten();
        let texts = texts
            .filter(|(_, property)| property["type"] == "string")
            .count();
        says_run(&properties[field]) || texts <= 1 && says_run_of(tool)
    }

    fn tool(&self) -> Option<&Value> {
        let find = || find(self.request?, self.name);
        self.tool.get_or_init(find).as_ref()
    }
}

fn says_run_of(tool: &Value) -> bool {
    says_run(description(tool))
}

/// Whether a description says that commands or code run.
fn says_run(description: &str) -> bool {
    let words: Vec<String> = words(description).collect();
    let at = |names: &[&str]| -> Vec<usize> {
        let places = words.iter().enumerate();
        let named = places.filter(|(_, word)| names.contains(&word.as_str()));
        named.map(|(at, _)| at).collect()
    };
    let run = at(RUN);
    let is_near = |verb: &usize| run.iter().any(|noun| noun.abs_diff(*verb) <= FARTHEST);
    at(RUNNING).iter().any(is_near)
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(str::to_lowercase)
}

/// Finds the declaration of the tool of that name, in any dialect.
fn find(request: &Request, name: &str) -> Option<Value> {
    let is_meant = |declared: &str| {
        let (declared, name) = (plain(declared), plain(name));
        declared == name || last_part(&declared) == last_part(&name)
    };
    // Most lists are long, and most tools are found at once.
    let at = request
        .tool_names()
        .iter()
        .position(|declared| is_meant(declared));
    let at_once = at.and_then(|at| request.get(&format!("/tools/{at}")));
    if let Some(tool) = at_once.filter(|tool| is_meant(tool_name(tool))) {
        return Some(tool);
    }
    let lists = ["/tools", "/functions"]
        .iter()
        .filter_map(|list| request.get(list));
    let tools: Vec<Value> = lists.flat_map(elements).collect();
    let nested = tools
        .iter()
        .flat_map(|tool| elements(tool["tools"].clone()));
    let nested: Vec<Value> = nested.collect();
    tools
        .into_iter()
        .chain(nested)
        .find(|tool| is_meant(tool_name(tool)))
}

fn elements(list: Value) -> Vec<Value> {
    match list {
        Value::Array(elements) => elements,
        _ => Vec::new(),
    }
}

/// The object that describes a tool: the entry itself, or the one inside it in Chat Completions.
fn inner(tool: &Value) -> &Value {
    let inner = tool.get("function").or(tool.get("custom"));
    inner.filter(|inner| inner.is_object()).unwrap_or(tool)
}

fn tool_name(tool: &Value) -> &str {
    let name = inner(tool)["name"].as_str().or(tool["type"].as_str());
    name.unwrap_or_default()
}

fn description(tool: &Value) -> &str {
    inner(tool)["description"].as_str().unwrap_or_default()
}

fn schema(tool: &Value) -> &Value {
    let inner = inner(tool);
    let schema = inner.get("input_schema").or(inner.get("parameters"));
    schema.unwrap_or(&Value::Null)
}
