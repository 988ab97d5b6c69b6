//! The forms of an export.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The form of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// A document to read.
    #[default]
    Markdown,
    /// An exchange a line, as JSON: what `/api/v1/exchanges/{id}` tells of it, its bodies, and the `version` of the form.
    Jsonl,
}

/// In which form one thing is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FormatQuery {
    /// In which form: `markdown` or `jsonl`.
    #[param(inline)]
    pub format: Option<ExportFormat>,
}

/// In which form a session is exported, and whether alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionExportQuery {
    /// In which form: `markdown` or `jsonl`.
    #[param(inline)]
    pub format: Option<ExportFormat>,
    /// Whether the sessions that it continues are exported too, before it.
    pub joined: Option<bool>,
}

impl ExportFormat {
    /// The media type of such an export.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Jsonl => "application/jsonl",
        }
    }

    /// How the names of files with such an export end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Jsonl => "jsonl",
        }
    }
}
