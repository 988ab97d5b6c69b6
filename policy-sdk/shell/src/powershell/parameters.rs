//! The parameters of cmdlets.

/// The parameters of the cmdlets that are followed, the likelier first. `?` marks one that takes no
/// value. A digit is the position of a word without a name.
const PARAMETERS: &[(&str, &str)] = &[
    (
        "remove-item",
        "Path@0 Recurse? Force? LiteralPath Include Exclude Filter Stream Credential",
    ),
    (
        "clear-content",
        "Path@0 LiteralPath Force? Include Exclude Filter Stream",
    ),
    (
        "clear-item",
        "Path@0 LiteralPath Force? Include Exclude Filter",
    ),
    (
        "set-content",
        "Path@0 Value@1 LiteralPath Encoding Force? NoNewline? Include Exclude Filter Stream AsByteStream? PassThru?",
    ),
    (
        "add-content",
        "Path@0 Value@1 LiteralPath Encoding Force? NoNewline? Include Exclude Filter Stream AsByteStream? PassThru?",
    ),
    (
        "out-file",
        "FilePath@0 Encoding@1 InputObject Append? Force? LiteralPath Path NoClobber? NoNewline? Width",
    ),
    (
        "tee-object",
        "FilePath@0 Append? InputObject LiteralPath Variable Encoding",
    ),
    (
        "copy-item",
        "Path@0 Destination@1 Recurse? Force? LiteralPath Container? Include Exclude Filter FromSession ToSession PassThru?",
    ),
    (
        "move-item",
        "Path@0 Destination@1 Force? LiteralPath Include Exclude Filter PassThru?",
    ),
    (
        "rename-item",
        "Path@0 NewName@1 Force? LiteralPath PassThru?",
    ),
    (
        "new-item",
        "Path@0 ItemType Type Value Target Name Force? Credential",
    ),
    (
        "set-item",
        "Path@0 Value@1 LiteralPath Force? Include Exclude Filter",
    ),
    (
        "get-childitem",
        "Path@0 Filter@1 Recurse? LiteralPath Force? File? Directory? Include Exclude Name? Depth Attributes Hidden? ReadOnly? System? FollowSymlink?",
    ),
    (
        "get-item",
        "Path@0 LiteralPath Force? Include Exclude Filter Stream",
    ),
    (
        "get-content",
        "Path@0 Raw? LiteralPath Encoding TotalCount Head First Tail Last Wait? Delimiter ReadCount Force? Stream AsByteStream?",
    ),
    (
        "resolve-path",
        "Path@0 LiteralPath Relative? RelativeBasePath",
    ),
    ("convert-path", "Path@0 LiteralPath"),
    (
        "join-path",
        "Path@0 ChildPath@1 AdditionalChildPath@2 Resolve?",
    ),
    (
        "split-path",
        "Path@0 Parent? Leaf? LeafBase? Extension? Qualifier? NoQualifier? Resolve? IsAbsolute? LiteralPath",
    ),
    ("set-location", "Path@0 LiteralPath PassThru? StackName"),
    ("push-location", "Path@0 LiteralPath PassThru? StackName"),
    (
        "invoke-webrequest",
        "Uri@0 OutFile UseBasicParsing? Method Headers Body ContentType Credential TimeoutSec UserAgent WebSession SessionVariable Proxy PassThru? Resume? SkipCertificateCheck? MaximumRedirection InFile Form Authentication Token",
    ),
    (
        "invoke-restmethod",
        "Uri@0 OutFile UseBasicParsing? Method Headers Body ContentType Credential TimeoutSec UserAgent WebSession SessionVariable Proxy PassThru? Resume? SkipCertificateCheck? MaximumRedirection InFile Form Authentication Token",
    ),
    (
        "start-bitstransfer",
        "Source@0 Destination@1 Description DisplayName Priority Asynchronous? Credential",
    ),
    (
        "start-process",
        "FilePath@0 ArgumentList@1 Args Wait? NoNewWindow? PassThru? Verb WorkingDirectory WindowStyle RedirectStandardOutput RedirectStandardError RedirectStandardInput Credential UseNewEnvironment? LoadUserProfile? Environment",
    ),
    ("invoke-expression", "Command@0"),
    (
        "invoke-command",
        "ScriptBlock@0 ComputerName FilePath ArgumentList Args InputObject Session Credential AsJob? JobName HideComputerName? VMName HostName UserName NoNewScope?",
    ),
    (
        "foreach-object",
        "Process@0 MemberName Begin End Parallel ThrottleLimit ArgumentList InputObject AsJob? RemainingScripts",
    ),
    (
        "where-object",
        "FilterScript@0 Value@1 Property EQ? NE? Like? NotLike? Match? NotMatch? In? NotIn? Contains? NotContains? GT? LT? GE? LE? CEQ? CLike? CMatch? CIn? Is? IsNot? Not? InputObject",
    ),
    (
        "select-object",
        "Property@0 ExpandProperty First Last Skip Index Unique? InputObject ExcludeProperty Wait?",
    ),
    (
        "set-variable",
        "Name@0 Value@1 Scope Option Force? Description Visibility PassThru?",
    ),
    (
        "set-alias",
        "Name@0 Value@1 Scope Option Force? Description PassThru?",
    ),
    (
        "new-object",
        "TypeName@0 ArgumentList@1 Args ComObject Property Strict?",
    ),
    (
        "stop-process",
        "Id@0 Name ProcessName InputObject Force? PassThru?",
    ),
    (
        "get-process",
        "Name@0 ProcessName Id ComputerName InputObject Module? FileVersionInfo? IncludeUserName?",
    ),
    (
        "stop-service",
        "Name@0 Force? DisplayName InputObject NoWait? PassThru? Include Exclude",
    ),
    (
        "restart-service",
        "Name@0 Force? DisplayName InputObject PassThru? Include Exclude",
    ),
    (
        "suspend-service",
        "Name@0 DisplayName InputObject PassThru?",
    ),
    ("remove-service", "Name@0 InputObject"),
    (
        "set-service",
        "Name@0 StartupType Status DisplayName Description Credential InputObject PassThru? Force?",
    ),
    (
        "set-itemproperty",
        "Path@0 Name@1 Value@2 LiteralPath Type Force? PassThru? InputObject Include Exclude Filter Credential",
    ),
    (
        "new-itemproperty",
        "Path@0 Name@1 Value PropertyType Type LiteralPath Force? Include Exclude Filter Credential",
    ),
    (
        "remove-itemproperty",
        "Path@0 Name@1 LiteralPath Force? Include Exclude Filter Credential",
    ),
    ("write-output", "InputObject@0 NoEnumerate?"),
];

/// Parameters that every cmdlet has.
const EVERYWHERE: &str = "WhatIf? Confirm? Verbose? Debug? ErrorAction WarningAction InformationAction \
                      ProgressAction ErrorVariable WarningVariable InformationVariable OutVariable \
                      OutBuffer PipelineVariable";

/// Short names of parameters.
const SHORT: &[(&str, &str)] = &[
    ("ad", "Directory"),
    ("af", "File"),
    ("cf", "Confirm"),
    ("db", "Debug"),
    ("ea", "ErrorAction"),
    ("ev", "ErrorVariable"),
    ("infa", "InformationAction"),
    ("lp", "LiteralPath"),
    ("ob", "OutBuffer"),
    ("ov", "OutVariable"),
    ("pspath", "LiteralPath"),
    ("pv", "PipelineVariable"),
    ("s", "Recurse"),
    ("vb", "Verbose"),
    ("wa", "WarningAction"),
    ("wi", "WhatIf"),
    ("wv", "WarningVariable"),
];

/// A parameter of a cmdlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) is_switch: bool,
    pub(super) position: Option<usize>,
}

/// Returns the parameters of a cmdlet, if it is followed.
pub(super) fn of(cmdlet: &str) -> Option<Vec<Parameter>> {
    let (_, own) = PARAMETERS.iter().find(|(name, _)| *name == cmdlet)?;
    let all = own.split_whitespace().chain(EVERYWHERE.split_whitespace());
    Some(all.map(parameter).collect())
}

fn parameter(text: &'static str) -> Parameter {
    if let Some(name) = text.strip_suffix('?') {
        return Parameter {
            name,
            is_switch: true,
            position: None,
        };
    }
    let (name, position) = match text.split_once('@') {
        Some((name, position)) => (name, position.parse().ok()),
        None => (text, None),
    };
    Parameter {
        name,
        is_switch: false,
        position,
    }
}

/// Returns the parameter for a name: the full name, a short name, or the beginning of one.
pub(super) fn named<'p>(parameters: &'p [Parameter], name: &str) -> Option<&'p Parameter> {
    let exact = |full: &str| {
        parameters
            .iter()
            .find(|p| p.name.eq_ignore_ascii_case(full))
    };
    let name = name.to_lowercase();
    let short = || {
        let (_, full) = SHORT.iter().find(|(short, _)| *short == name)?;
        exact(full)
    };
    let beginning = || {
        parameters
            .iter()
            .find(|p| p.name.to_ascii_lowercase().starts_with(&name))
    };
    exact(&name).or_else(short).or_else(beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_by_any_beginning() {
        let all = of("remove-item").expect("parameters");
        for (name, expected) in [
            ("r", "Recurse"),
            ("Rec", "Recurse"),
            ("fo", "Force"),
            ("f", "Force"),
            ("lp", "LiteralPath"),
            ("wh", "WhatIf"),
            ("ea", "ErrorAction"),
        ] {
            assert_eq!(named(&all, name).map(|p| p.name), Some(expected), "{name}");
        }
        assert_eq!(named(&all, "rf"), None);
    }
}
