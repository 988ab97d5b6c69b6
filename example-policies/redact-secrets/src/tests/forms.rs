//! Which texts are secrets, and which only look like some.

use super::{becomes, finds, hex, keeps, pem, random, upper};

#[test]
fn secrets_with_a_form_are_found() {
    finds("github-token", &format!("ghp_{}", random(1, 36)));
    finds(
        "github-token",
        &format!("github_pat_{}_{}", random(2, 22), random(3, 59)),
    );
    finds("gitlab-token", &format!("glpat-{}", random(4, 20)));
    finds("aws-access-key", &format!("AKIA{}", upper(5, 16)));
    finds(
        "anthropic-key",
        &format!("sk-ant-api03-{}-{}AA", random(6, 43), random(7, 49)),
    );
    finds(
        "openai-key",
        &format!("sk-proj-{}_{}", random(8, 40), random(9, 60)),
    );
    finds(
        "openai-key",
        &format!("sk-{}T3BlbkFJ{}", random(10, 20), random(11, 20)),
    );
    finds("google-key", &format!("AIza{}", random(12, 35)));
    finds("npm-token", &format!("npm_{}", random(13, 36)));
    finds(
        "pypi-token",
        &format!("pypi-AgEIcHlwaS5vcmc{}", random(14, 60)),
    );
    finds(
        "sendgrid-key",
        &format!("SG.{}.{}", random(15, 22), random(16, 43)),
    );
    finds(
        "slack-token",
        &format!("xoxb-{}-{}", 1_234_567_890_u64, random(17, 24)),
    );
    finds("stripe-key", &format!("sk_live_{}", random(18, 24)));
    finds("twilio-key", &format!("SK{}", hex(19, 32)));
    finds("service-token", &format!("hf_{}", random(20, 34)));
    finds(
        "jwt",
        &format!(
            "eyJ{}.eyJ{}.{}",
            random(21, 30),
            random(22, 60),
            random(23, 43)
        ),
    );
}

#[test]
fn secrets_known_by_their_surroundings_are_found() {
    let secret = random(30, 40);
    becomes(
        &format!("aws_secret_access_key = {secret}\n"),
        "aws_secret_access_key = [REDACTED:aws-secret-key:1]\n",
    );
    becomes(
        &format!(r#"{{"SecretAccessKey": "{secret}", "Token": 1}}"#),
        r#"{"SecretAccessKey": "[REDACTED:aws-secret-key:1]", "Token": 1}"#,
    );
    becomes(
        &format!("AccountName=a;AccountKey={}==;End", random(31, 86)),
        "AccountName=a;AccountKey=[REDACTED:azure-key:1];End",
    );
    becomes(
        "DATABASE_URL=postgres://app:c0rrect-horse@db.internal:5432/app",
        "DATABASE_URL=postgres://app:[REDACTED:url-password:1]@db.internal:5432/app",
    );
    becomes(
        &format!("curl -H 'Authorization: Bearer {}' x", random(32, 30)),
        "curl -H 'Authorization: Bearer [REDACTED:authorization:1]' x",
    );
    becomes(
        &format!(
            "https://hooks.slack.com/services/T0000/B0000/{}",
            random(33, 24)
        ),
        "https://hooks.slack.com/services/[REDACTED:slack-token:1]",
    );
}

#[test]
fn assigned_secrets_are_found() {
    for (text, secret) in [
        (r#"password = "§""#, "hunter2!Zx"),
        ("DB_PASSWORD=§\n", "Sup3rS3cret!9"),
        ("api_key: '§'", "a8f5f167f44f4964"),
        (r#"{"client_secret": "§"}"#, "Q7rT9vXk2mPz4LwN"),
        (r#"{\"client_secret\": \"§\"}"#, "Q7rT9vXk2mPz4LwN"),
        ("passwordAndroid = '§'", "Sup3r.Secret9"),
        ("  token: §\n", "9f86d081884c7d659a2feaa0c55ad015"),
        ("const apiKey = `§`;", "x9K2m4Qp7Zt1Rw8V"),
        (
            "export ENCRYPTION_KEY=§ && run",
            "c2VjcmV0LWtleS0xMjM0NTY3ODkw",
        ),
    ] {
        becomes(
            &text.replace('§', secret),
            &text.replace('§', "[REDACTED:assignment:1]"),
        );
    }
}

#[test]
fn a_value_with_a_form_of_its_own_is_named_by_it() {
    becomes(
        &format!("GITHUB_TOKEN=ghp_{}", random(40, 36)),
        "GITHUB_TOKEN=[REDACTED:github-token:1]",
    );
    becomes(
        &format!("Authorization: Bearer sk-ant-api03-{}", random(41, 90)),
        "Authorization: Bearer [REDACTED:anthropic-key:1]",
    );
}

#[test]
fn private_keys_are_found_whole() {
    finds("private-key", &pem(25));
    finds("private-key", &pem(3).replace("RSA ", "OPENSSH "));
    finds("private-key", &pem(3).replace("RSA ", ""));
    finds("private-key", &pem(3).replace('\n', "\\n"));
    finds("private-key", &pem(3).replace(
        "KEY-----\n",
        "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n",
    ).replacen("END RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n", "END RSA PRIVATE KEY-----", 1));
    let numbered: Vec<String> = pem(12)
        .lines()
        .zip(7..)
        .map(|(l, n)| format!("{n:>6}→{l}"))
        .collect();
    becomes(&numbered.join("\n"), "     7→[REDACTED:private-key:1]");
}

#[test]
fn a_private_key_without_its_end_is_found() {
    let key = pem(5);
    let (cut, _) = key.split_once("-----END").expect("an end");
    becomes(
        &format!("{cut}And then some prose."),
        "[REDACTED:private-key:1]\nAnd then some prose.",
    );
}

#[test]
fn what_only_looks_like_a_secret_is_kept() {
    for text in [
        "The password is stored in the vault; ask for a token: it takes a day.",
        "Put `-----BEGIN PRIVATE KEY-----` at the top of the file, then the key itself follows.",
        "let token = generate_token_v2(user); let secret = config.secrets.get2(\"x\");",
        "token = request.headers.authorization2",
        "password: str = Field(min_length=12)",
        "api_key = os.environ[\"OPENAI_API_KEY_2\"]",
        "API_KEY=${API_KEY_2}  TOKEN=$GITHUB_TOKEN1 PASSWORD=<your-password-1>",
        "password = \"changeme123\"; api_key = \"your-api-key-1234\"",
        "secretName: db-credentials-v2\nsecretKeyRef: my-app-secret-1",
        "token_url = \"https://login1.example.org/oauth2/token\"",
        "const tokenUrl = 'login1/oauth2/X'; const tokenId = 'a8f5f167f44f4964';",
        "access_key_id: \"a8f5f167f44f4964\"",
        "max_tokens: 4096, \"total_tokens\": 123456789012",
        "https://example.org:8080/path and https://user@example.org/ and http://[::1]:80/",
        "postgres://postgres:postgres@localhost/db, amqp://guest:guest@mq, redis://x:$PASS@h",
        "mysql://root:password@localhost and https://USER:PASSWORD@example.org",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx and sk-ant-XXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "task-a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6 ask-me-anything desk-1",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b sha256:e3b0c44298fc1c149afbf4c8996fb924",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "npm_config_registry npm_package_version hf_hub_download xoxo-hugs AKIAN eyJust",
        "src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42\"",
        "Authorization: Bearer <token> or Authorization: Basic or authorization=none",
        "integrity sha512-eyJhbGciOiJub25lIn0+abcdef==",
    ] {
        keeps(text);
    }
}
