//! The kinds of secret that are known by their form.
//!
//! Each form begins with its own letters, so one pass over a text finds all places where any of
//! them could begin. Boundaries and classes are ASCII, as secrets are.

use schemars::JsonSchema;
use serde::Deserialize;

/// A kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    PrivateKey,
    AnthropicKey,
    OpenaiKey,
    AwsAccessKey,
    AwsSecretKey,
    AzureKey,
    GithubToken,
    GitlabToken,
    GoogleKey,
    NpmToken,
    PypiToken,
    SendgridKey,
    SlackToken,
    StripeKey,
    TwilioKey,
    /// A token of one of several dozen other services.
    ServiceToken,
    Jwt,
    /// The password in a URL, such as a database's.
    UrlPassword,
    /// The credential behind `Authorization: Bearer`.
    Authorization,
    /// A value assigned to something called a password, a token, a key.
    Assignment,
}

/// Every kind, the more specific before the less.
pub(crate) const ALL: [Kind; 20] = [
    Kind::PrivateKey,
    Kind::AnthropicKey,
    Kind::OpenaiKey,
    Kind::AwsAccessKey,
    Kind::AwsSecretKey,
    Kind::AzureKey,
    Kind::GithubToken,
    Kind::GitlabToken,
    Kind::GoogleKey,
    Kind::NpmToken,
    Kind::PypiToken,
    Kind::SendgridKey,
    Kind::SlackToken,
    Kind::StripeKey,
    Kind::TwilioKey,
    Kind::ServiceToken,
    Kind::Jwt,
    Kind::UrlPassword,
    Kind::Authorization,
    Kind::Assignment,
];

/// A PEM or PGP key. Its lines may be numbered, quoted or joined by `\n`, and its end may be cut
/// off.
const PRIVATE_KEY: &str = concat!(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    r#"(?:(?:[ \t\r\n0-9"'>|+:,]|\\+[nrt]|→)+[A-Za-z-]{3,}: [ -\[\]-~]+){0,4}"#,
    r#"(?:(?:[ \t\r\n0-9"'>|+:,]|\\+[nrt]|→)+[A-Za-z0-9+/]{16,}={0,2})+"#,
    r#"(?:(?:[ \t\r\n0-9"'>|+:,]|\\+[nrt]|→)+[A-Za-z0-9+/=]{1,15})?"#,
    r#"(?:(?:[ \t\r\n0-9"'>|+:,]|\\+[nrt]|→)+=[A-Za-z0-9+/]{4})?"#,
    r#"(?:(?:[ \t\r\n0-9"'>|+:,]|\\+[nrt]|→)*"#,
    r"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----)?",
);

/// The module [`assignment`](crate::assignment) splits the match, because groups would cost many
/// times as much.
const ASSIGNMENT: &str = concat!(
    r"(?i-u:pass(?:word|wd|phrase|code)|pwd|secret|token|credential",
    r"|(?:api|access|auth|account|private|encryption|signing)[_-]?key)",
    r#"[A-Za-z0-9_-]{0,24}\\?["'`]?[\t ]{0,8}(?::=|=>|[=:])[\t ]{0,8}"#,
    r#"(?:\\?["'`][!-~&&[^"'`\\]]{8,200}\\?["'`]"#,
    r"|[A-Za-z0-9+/_.~!@#%^&*=-]{12,200}[(\[]?)",
);

impl Kind {
    /// Its word in placeholders and in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::AnthropicKey => "anthropic-key",
            Self::OpenaiKey => "openai-key",
            Self::AwsAccessKey => "aws-access-key",
            Self::AwsSecretKey => "aws-secret-key",
            Self::AzureKey => "azure-key",
            Self::GithubToken => "github-token",
            Self::GitlabToken => "gitlab-token",
            Self::GoogleKey => "google-key",
            Self::NpmToken => "npm-token",
            Self::PypiToken => "pypi-token",
            Self::SendgridKey => "sendgrid-key",
            Self::SlackToken => "slack-token",
            Self::StripeKey => "stripe-key",
            Self::TwilioKey => "twilio-key",
            Self::ServiceToken => "service-token",
            Self::Jwt => "jwt",
            Self::UrlPassword => "url-password",
            Self::Authorization => "authorization",
            Self::Assignment => "assignment",
        }
    }

    /// Whether it goes by the text around the secret, which could be of another kind itself.
    pub(crate) fn is_generic(self) -> bool {
        matches!(
            self,
            Self::UrlPassword | Self::Authorization | Self::Assignment
        )
    }

    /// Its forms. If a form has the group `secret`, only that part of the match is secret. Such
    /// forms are written so that each byte determines the next step, which makes finding the group
    /// many times faster.
    pub(crate) fn forms(self) -> &'static [&'static str] {
        match self {
            Self::PrivateKey => &[PRIVATE_KEY],
            Self::AnthropicKey => &[r"(?-u:\b)sk-ant-[A-Za-z0-9_-]{24,}"],
            Self::OpenaiKey => &[
                r"(?-u:\b)sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}",
                r"(?-u:\b)sk-or-v1-[0-9a-f]{64}",
                r"(?-u:\b)sk-[A-Za-z0-9]{32,64}(?-u:\b)",
            ],
            Self::AwsAccessKey => &[r"(?-u:\b)(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?-u:\b)"],
            Self::AwsSecretKey => &[concat!(
                r"(?i-u:secret[_ .-]?(?:access[_ .-]?)?key)",
                r#"\\?["'`]?(?:[\t ]{1,17}(?:(?::=?|=>?)[\t ]{0,8})?|(?::=?|=>?)[\t ]{0,8})\\?["'`]?"#,
                r"(?P<secret>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)",
            )],
            Self::AzureKey => &[
                r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)",
                r"SharedAccessKey=(?P<secret>[A-Za-z0-9+/]{43}=)",
                r"(?-u:\b)sig=(?P<secret>[A-Za-z0-9%]{43,80}%3[Dd])",
            ],
            Self::GithubToken => &[
                r"(?-u:\b)gh[pousr]_[A-Za-z0-9]{36,}",
                r"(?-u:\b)github_pat_[A-Za-z0-9_]{22,}",
            ],
            Self::GitlabToken => {
                &[r"(?-u:\b)gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|ffct)-[A-Za-z0-9_-]{20,}"]
            }
            Self::GoogleKey => &[
                r"(?-u:\b)AIza[A-Za-z0-9_-]{35}",
                r"(?-u:\b)GOCSPX-[A-Za-z0-9_-]{28}",
                r"(?-u:\b)ya29\.[A-Za-z0-9_-]{30,}",
            ],
            Self::NpmToken => &[r"(?-u:\b)npm_[A-Za-z0-9]{36}(?-u:\b)"],
            Self::PypiToken => &[r"(?-u:\b)pypi-[A-Za-z0-9_-]{50,}"],
            Self::SendgridKey => &[r"(?-u:\b)SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"],
            Self::SlackToken => &[
                r"(?-u:\b)xox[abeoprs](?:\.xox[bp])?-[0-9][A-Za-z0-9-]{14,}",
                r"(?-u:\b)xapp-[0-9]-[A-Z0-9]{8,}-[0-9]{8,}-[a-f0-9]{32,}",
                r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9+/]{30,90})",
            ],
            Self::StripeKey => &[
                r"(?-u:\b)(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{16,}",
                r"(?-u:\b)whsec_[A-Za-z0-9+/=]{32,}",
            ],
            Self::TwilioKey => &[r"(?-u:\b)SK[0-9a-f]{32}(?-u:\b)"],
            Self::ServiceToken => SERVICES,
            Self::Jwt => {
                &[r"(?-u:\b)eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}"]
            }
            Self::UrlPassword => &[concat!(
                r#"://[!-~&&[^/:@"'`<>]]{0,80}:[!-~&&[^/@"'`<>]]{3,200}"#,
                r"@[A-Za-z0-9\[._-]",
            )],
            Self::Authorization => &[concat!(
                r#"(?i-u:authorization)\\?["'`]?[\t ]{0,4}[:=,][\t ]{0,4}\\?["'`]?"#,
                r"(?i-u:b(?:earer|asic|ot)|token)[\t ]{1,4}(?P<secret>[A-Za-z0-9._~+/=-]{16,})",
            )],
            Self::Assignment => &[ASSIGNMENT],
        }
    }
}

const SERVICES: &[&str] = &[
    r"(?-u:\b)hf_[A-Za-z0-9]{34,40}(?-u:\b)",
    r"(?-u:\b)gsk_[A-Za-z0-9]{48,56}(?-u:\b)",
    r"(?-u:\b)xai-[A-Za-z0-9]{70,90}(?-u:\b)",
    r"(?-u:\b)pplx-[A-Za-z0-9]{40,56}(?-u:\b)",
    r"(?-u:\b)do[opr]_v1_[a-f0-9]{64}(?-u:\b)",
    r"(?-u:\b)dapi[0-9a-f]{32}(?:-[0-9])?(?-u:\b)",
    r"(?-u:\b)dckr_pat_[A-Za-z0-9_-]{27,40}",
    r"(?-u:\b)dop_v1_[a-f0-9]{64}",
    r"(?-u:\b)dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{40,60}",
    r"(?-u:\b)hv[sb]\.[A-Za-z0-9_-]{24,}",
    r"(?-u:\b)lin_api_[A-Za-z0-9]{40}",
    r"(?-u:\b)shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"(?-u:\b)AGE-SECRET-KEY-1[0-9A-Z]{58}",
    r"discord(?:app)?\.com/api/webhooks/(?P<secret>[0-9]{15,22}/[A-Za-z0-9_-]{60,80})",
];
