//! What a runtime offers in addition to the language, above all its tools.

use super::Called;
use crate::interpreter::Interpreter;
use crate::interpreter::report::Reporting;
use crate::value::Value;
use crate::{Target, UNKNOWN};

/// What agents offer a program besides the tools, and functions that only compute or print.
const QUIET: &[&str] = &[
    "text",
    "image",
    "audio",
    "generatedImage",
    "forward_output",
    "notify",
    "yield_control",
    "exit",
    "clearTimeout",
    "clearInterval",
    "clearImmediate",
    "isNaN",
    "isFinite",
    "parseFloat",
    "btoa",
    "encodeURI",
    "encodeURIComponent",
    "structuredClone",
    "alert",
    "print",
    "display",
    "fetch",
    "require.resolve",
    "%resolve",
];

/// Objects of the runtime that only compute or print.
const QUIET_OBJECTS: &[&str] = &[
    "console",
    "Object",
    "Array",
    "String",
    "Number",
    "Boolean",
    "Math",
    "JSON",
    "Date",
    "Promise",
    "Reflect",
    "Symbol",
    "BigInt",
    "RegExp",
    "Error",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Intl",
    "URL",
    "URLSearchParams",
    "TextEncoder",
    "TextDecoder",
    "Buffer",
    "performance",
    "crypto",
    "nodeRepl",
    "process.stdout",
    "process.stderr",
    "assert",
    "util",
    "path",
    "url",
    "querystring",
    "events",
    "perf_hooks",
    "Uint8Array",
    "ArrayBuffer",
    "DataView",
    "Proxy",
    "AbortController",
    "AbortSignal",
    "import.meta",
];

/// Methods of texts, lists, objects and promises. No tool has such a name.
const DATA_METHODS: &[&str] = &[
    "at",
    "catch",
    "charAt",
    "charCodeAt",
    "codePointAt",
    "concat",
    "endsWith",
    "entries",
    "every",
    "fill",
    "filter",
    "finally",
    "find",
    "findIndex",
    "findLast",
    "flat",
    "flatMap",
    "forEach",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "localeCompare",
    "map",
    "match",
    "matchAll",
    "normalize",
    "padEnd",
    "padStart",
    "pop",
    "push",
    "reduce",
    "reduceRight",
    "repeat",
    "replace",
    "replaceAll",
    "reverse",
    "search",
    "shift",
    "slice",
    "some",
    "sort",
    "splice",
    "split",
    "startsWith",
    "substr",
    "substring",
    "test",
    "then",
    "toFixed",
    "toISOString",
    "toJSON",
    "toLocaleString",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
    "trimEnd",
    "trimStart",
    "unshift",
    "valueOf",
    "values",
];

/// A call of what this crate does not know, usually a tool.
pub(super) struct Offered<'c>(pub(super) Called<'c>);

impl Offered<'_> {
    /// Reports the call, and calls the functions that it is given.
    pub(super) fn follow(&self, it: &mut Interpreter<'_>) -> Value {
        let Called { path, arguments } = self.0;
        let last = path.rsplit('.').next().unwrap_or(path);
        let is_quiet = QUIET.contains(&path)
            || QUIET_OBJECTS.iter().any(|object| is_of(path, object))
            || DATA_METHODS.contains(&last);
        let target = match tool_name(path) {
            Some("hasOwnProperty" | "toString" | "valueOf" | "propertyIsEnumerable") => None,
            Some(name) => Some(Target::Tool(name.to_owned())),
            None if is_quiet => None,
            None if path.starts_with(UNKNOWN) || path.contains("()") => {
                // A call `f()` of a function that was passed in says nothing.
                let says_something = arguments
                    .iter()
                    .any(|argument| it.heap.as_function(argument).is_none());
                says_something.then(|| Target::Tool(last.to_owned()))
            }
            None => Some(Target::Runtime(path.to_string())),
        };
        let is_data = target.is_none() || tool_name(path).is_some();
        if let Some(target) = target {
            Reporting::new(&target, arguments).add(it);
            self.report_inner(last, it);
        }
        let given = if is_data {
            Value::Unknown
        } else {
            Value::anything()
        };
        // Code that gets a function may call it with the tools.
        it.hand_over(arguments, &given);
        given
    }

    /// `tools.call("exec_command", { cmd })`: a tool that calls another tool.
    fn report_inner(&self, name: &str, it: &mut Interpreter<'_>) {
        let is_caller = matches!(
            name,
            "call" | "callTool" | "call_tool" | "invoke" | "invokeTool" | "executeTool" | "runTool"
        );
        let [inner, rest @ ..] = self.0.arguments else {
            return;
        };
        for inner in inner.alternatives().iter().filter(|_| is_caller) {
            if let Value::Text(inner) = inner {
                Reporting::new(&Target::Tool(inner.to_string()), rest).add(it);
            }
        }
    }
}

/// Whether the path is the object's or begins with it.
fn is_of(path: &str, object: &str) -> bool {
    path.strip_prefix(object)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(']))
}

/// The name of a tool, if the path goes through the tools: `tools.x`, `context.tools.x`.
fn tool_name(path: &str) -> Option<&str> {
    let (before, name) = path.split_once("tools.")?;
    (before.is_empty() || before.ends_with('.')).then_some(name)
}
