//! Parses a text into a syntax tree.

use std::cell::Cell;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use crate::{Reason, bounds};

/// A program, and whether the parser found no errors in it.
pub(crate) struct Parsed<'a> {
    pub(crate) program: &'a Program<'a>,
    pub(crate) is_whole: bool,
}

/// Parses a program as the runtimes of agents would: as a module, with types, as the body of an
/// async function in sloppy mode. A parse with errors is the last resort. Each token takes one of the
/// steps that are left.
pub(crate) fn parse<'a>(
    allocator: &'a Allocator,
    source: &str,
    steps: &Cell<usize>,
) -> Result<Parsed<'a>, Reason> {
    let source = without_fence(source);
    let tokens = bounds::check(source, steps.get()).map_err(Reason::Bound)?;
    steps.set(steps.get().saturating_sub(tokens));
    let source = allocator.alloc_str(source);
    let mut mended = None;
    for kind in [SourceType::mjs(), SourceType::ts()] {
        match parse_as(allocator, source, kind) {
            Some(parsed) if parsed.is_whole => return Ok(parsed),
            parsed => mended = mended.or(parsed),
        }
    }
    let body = allocator.alloc_str(&format!("(async () => {{{source}\n}})()"));
    match parse_as(allocator, body, SourceType::script()) {
        Some(parsed) if parsed.is_whole => Ok(parsed),
        _ => mended.ok_or(Reason::Syntax),
    }
}

fn parse_as<'a>(allocator: &'a Allocator, source: &'a str, kind: SourceType) -> Option<Parsed<'a>> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let parsed = Parser::new(allocator, source, kind)
        .with_options(options)
        .parse();
    let is_whole = parsed.diagnostics.is_empty();
    (!parsed.panicked).then(|| Parsed {
        program: allocator.alloc(parsed.program),
        is_whole,
    })
}

/// Removes a Markdown fence, because some runtimes accept a program in one.
fn without_fence(source: &str) -> &str {
    let inside = || {
        let (_, inside) = source.trim().strip_prefix("```")?.split_once('\n')?;
        inside.strip_suffix("```")
    };
    inside().unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_runtime_takes_is_parsed() {
        for source in [
            "await f()",
            "return await f()",
            "const x: string = y as string; f<string>(x!)",
            "with (tools) { await f() }",
            "import { a } from 'b'; export default a",
            "#!/usr/bin/env node\nf()",
            "```js\nawait f()\n```",
            "interface A { b: string } enum C { D }",
        ] {
            let allocator = Allocator::default();
            let parsed = parse(&allocator, source, &Cell::new(usize::MAX));
            assert!(parsed.is_ok_and(|parsed| parsed.is_whole), "{source}");
        }
        for source in ["rm -rf ~", "{\"cmd\": \"ls\"", "f(", "`", "\u{0}"] {
            let allocator = Allocator::default();
            let parsed = parse(&allocator, source, &Cell::new(usize::MAX));
            assert!(!parsed.is_ok_and(|parsed| parsed.is_whole), "{source}");
        }
    }
}
