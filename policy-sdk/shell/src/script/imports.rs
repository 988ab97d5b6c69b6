//! Names that a script of Python gives to what it imports.

use super::tokens::Token;

/// Writes each name that a script imported as what it is: `run(…)` behind `from subprocess import run`
/// is `subprocess.run(…)`, and `getattr(os, "system")` is `os.system`.
pub(super) fn resolve(tokens: &mut [Token]) {
    let names = imported(tokens);
    for at in 0..tokens.len() {
        let real = match &tokens[at] {
            Token::Name(name) if !is_declared(tokens, at) => real(name, &names),
            _ => None,
        };
        if let Some(real) = real {
            tokens[at] = Token::Name(real);
        }
        fetched(tokens, at);
    }
}

/// What the first part of a name stands for.
fn real(name: &str, names: &[(String, String)]) -> Option<String> {
    let (first, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let (_, real) = names.iter().rev().find(|(own, _)| own == first)?;
    Some(format!("{real}{rest}"))
}

/// Whether the name stands where one is declared, and not where it is used.
fn is_declared(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let is_word = |token: Option<&Token>| matches!(token, Some(Token::Name(word)) if matches!(word.as_str(), "def" | "class" | "import" | "from" | "as"));
    // `key=value` in a call names no variable.
    let is_key = matches!(before, Some(Token::Mark('(' | ',')))
        && tokens.get(at + 1) == Some(&Token::Mark('='))
        && tokens.get(at + 2) != Some(&Token::Mark('='));
    is_key || is_word(before) || before == Some(&Token::Mark('.'))
}

/// The names that imports bind, each with what it is.
fn imported(tokens: &[Token]) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if *token != Token::Name("import".to_owned()) {
            continue;
        }
        let module = match (at.checked_sub(2), at.checked_sub(1)) {
            (Some(from), Some(module)) => match (&tokens[from], &tokens[module]) {
                (Token::Name(from), Token::Name(module)) if from == "from" => module.as_str(),
                _ => "",
            },
            _ => "",
        };
        bind(&tokens[at + 1..], module, &mut names);
    }
    names
}

/// Reads `a as b, c` behind `import`.
fn bind(tokens: &[Token], module: &str, names: &mut Vec<(String, String)>) {
    const MOST: usize = 64;
    let mut rest = tokens;
    let in_brackets = matches!(rest.first(), Some(Token::Mark('(')));
    while let [first, others @ ..] = rest {
        rest = others;
        match first {
            Token::Mark('\n') if in_brackets => {}
            Token::Mark('(' | ',') => {}
            Token::Name(name) if names.len() < MOST => {
                let joint = if module.is_empty() { "" } else { "." };
                let real = format!("{module}{joint}{name}");
                if let [Token::Name(word), Token::Name(own), others @ ..] = rest
                    && word == "as"
                {
                    names.push((own.clone(), real));
                    rest = others;
                } else if !module.is_empty() {
                    names.push((name.clone(), real));
                }
            }
            _ => return,
        }
    }
}

/// Writes `getattr(os, "system")` as the name that it is, with what is left over as line feeds.
fn fetched(tokens: &mut [Token], at: usize) {
    let Some(
        [
            Token::Name(getattr),
            Token::Mark('('),
            Token::Name(object),
            Token::Mark(','),
            Token::Text(name),
            Token::Mark(')'),
        ],
    ) = tokens.get(at..at + 6)
    else {
        return;
    };
    if getattr == "getattr" {
        let real = Token::Name(format!("{object}.{name}"));
        tokens[at..at + 5].fill(Token::Mark('\n'));
        tokens[at + 5] = real;
    }
}
