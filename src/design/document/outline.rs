//! Keys and types of a tree against the JSON schema of what it is read into.

use std::ops::Range;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::Document;
use crate::mistake::{Mistake, did_you_mean};
use crate::spelling;

/// Every key that is unknown or missing, and every value of another type than the schema's.
pub(super) fn check<T: JsonSchema>(document: &Document, table: &DeTable<'_>) -> Vec<Mistake> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut walk = Walk { document, path: Vec::new(), mistakes: Vec::new() };
    walk.table(schema.as_value(), table, 0..0);
    walk.mistakes.sort_by_key(Mistake::start);
    walk.mistakes
}

struct Walk<'d> {
    document: &'d Document,
    path: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Walk<'_> {
    fn table(&mut self, schema: &Value, table: &DeTable<'_>, place: Range<usize>) {
        // Without properties it is a map with free keys, or one of several shapes that the reader tells apart.
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        // Required keys that a misspelt one stands for are not reported a second time.
        let mut meant = Vec::new();
        for (key, value) in table {
            match properties.get(key.get_ref().as_ref() as &str) {
                Some(inner) => {
                    self.path.push(key.get_ref().to_string());
                    self.value(inner, value.get_ref(), value.span());
                    self.path.pop();
                }
                None if closed => {
                    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                    meant.extend(spelling::nearest(key.get_ref(), known.iter().copied()));
                    self.mistakes.push(self.document.mistake(
                        "design::unknown_key",
                        key.span(),
                        format!("unknown key `{}`{}", key.get_ref(), self.inside()),
                        did_you_mean(key.get_ref(), known.iter().copied(), "nothing reads this"),
                        format!("one of: {}", known.join(", ")),
                    ));
                }
                None => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for key in required.filter_map(Value::as_str).filter(|&key| !table.contains_key(key) && !meant.contains(&key)) {
            let says = properties[key].get("description").and_then(Value::as_str).unwrap_or_default();
            self.mistakes.push(self.document.mistake(
                "design::missing_key",
                place.clone(),
                format!("`{key}` is missing{}", self.inside()),
                format!("no `{key}`"),
                format!("`{key}`: {}", says.replace('\n', " ")),
            ));
        }
    }

    fn value(&mut self, schema: &Value, value: &DeValue<'_>, place: Range<usize>) {
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => {
                // An optional table: the schema and null.
                let shapes = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
                let shapes: Vec<&Value> =
                    shapes.filter(|shape| shape.get("type").and_then(Value::as_str) != Some("null")).collect();
                if let [one] = shapes[..] {
                    self.value(one, value, place);
                }
                return;
            }
        };
        let (is, fits) = match value {
            DeValue::String(_) => ("a string", types.contains(&"string")),
            DeValue::Integer(_) => ("an integer", types.contains(&"integer") || types.contains(&"number")),
            DeValue::Float(_) => ("a number with a point", types.contains(&"number")),
            DeValue::Boolean(_) => ("a boolean", types.contains(&"boolean")),
            DeValue::Datetime(_) => ("a date", false),
            DeValue::Array(_) => ("an array", types.contains(&"array")),
            DeValue::Table(_) => ("a table", types.contains(&"object")),
        };
        if !fits {
            let wanted: Vec<&str> = types.iter().filter_map(|name| toml_name(name)).collect();
            let path = self.path.join(".");
            let is_index = |key: &str| key.bytes().all(|letter| letter.is_ascii_digit());
            // A table that only dots made: what was asked for is below it.
            let message = match value {
                DeValue::Table(inner) => match inner.keys().next().map(|key| key.get_ref().as_ref()) {
                    Some(index) if is_index(index) && types.contains(&"array") => {
                        format!("`{path}` has no element {index}")
                    }
                    Some(key) => format!("`{path}` has no keys, and `{key}` would be one"),
                    None => format!("`{path}` is {is}"),
                },
                _ => format!("`{path}` is {is}"),
            };
            self.mistakes.push(self.document.mistake(
                "design::wrong_type",
                place.clone(),
                message,
                format!("must be {}", wanted.join(" or ")),
                remedy(schema, &wanted, &path, self.document.is_override(&place)),
            ));
            return;
        }
        match value {
            DeValue::Integer(integer) if i64::from_str_radix(integer.as_str(), integer.radix()).is_err() => {
                self.mistakes.push(self.document.mistake(
                    "design::wrong_type",
                    place,
                    format!("`{}` is an integer of more than 64 bits", self.path.join(".")),
                    "no value is that large",
                    remedy(schema, &["an integer"], "", false),
                ));
            }
            DeValue::Table(inner) => self.table(schema, inner, place),
            DeValue::Array(items) => {
                if let Some(of) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.path.push(index.to_string());
                        self.value(of, item.get_ref(), item.span());
                        self.path.pop();
                    }
                }
            }
            _ => {}
        }
    }

    fn inside(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path.join(".")) }
    }
}

fn toml_name(json: &str) -> Option<&'static str> {
    match json {
        "string" => Some("a string"),
        "integer" => Some("an integer"),
        "number" => Some("a number"),
        "boolean" => Some("true or false"),
        "array" => Some("an array"),
        "object" => Some("a table"),
        _ => None,
    }
}

/// The schema itself, or that of an optional value.
fn shape(schema: &Value) -> &Value {
    let shapes = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    shapes.into_iter().find(|shape| shape.get("type").and_then(Value::as_str) != Some("null")).unwrap_or(schema)
}

/// What may be written, where that is a few words: names, or examples of several kinds.
fn choices(schema: &Value) -> Vec<&Value> {
    let list = |name: &str| schema.get(name).and_then(Value::as_array).into_iter().flatten();
    list("enum").chain(list("examples")).filter(|choice| !choice.is_null()).collect()
}

/// A value that a key can have, in TOML; of a table the first of its keys is set.
fn sample(schema: &Value, path: &str) -> Option<(String, String)> {
    let schema = shape(schema);
    let plain = |text: String| Some((path.to_owned(), text));
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        return properties.iter().find_map(|(key, inner)| sample(inner, &format!("{path}.{key}")));
    }
    if let Some(choice) = choices(schema).first() {
        return plain(choice.to_string());
    }
    if let Some(items) = schema.get("items") {
        return sample(items, path).map(|(path, item)| (path, format!("[{item}]")));
    }
    let bound = |name: &str, absent: i64| schema.get(name).and_then(Value::as_i64).unwrap_or(absent);
    match schema.get("type").map(Value::to_string)? {
        kind if kind.contains("integer") => plain(16.min(bound("maximum", 16)).max(bound("minimum", 0)).to_string()),
        kind if kind.contains("number") => plain("0.8".to_owned()),
        kind if kind.contains("boolean") => plain("true".to_owned()),
        _ => None,
    }
}

/// An override as a shell takes it: a name needs no quotes, what has some needs quotes around it.
fn typed((path, value): (String, String)) -> String {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(name) => format!("--set {path}={name}"),
        None if value.contains(['"', '[', '{']) => format!("--set '{path}={value}'"),
        None => format!("--set {path}={value}"),
    }
}

/// What to write instead of a value of another type.
fn remedy(schema: &Value, wanted: &[&str], path: &str, is_override: bool) -> String {
    let example = sample(schema, path).filter(|_| is_override).map(typed);
    let for_example = || example.as_ref().map_or_else(String::new, |example| format!(", e.g. `{example}`"));
    if let (Some(properties), true) = (schema.get("properties").and_then(Value::as_object), wanted.contains(&"a table"))
    {
        let keys = properties.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return match is_override {
            true => format!("set a key below it{}; `{path}` has: {keys}", for_example()),
            false => format!("write its keys under a header, `[{path}]`: {keys}"),
        };
    }
    // What may be one of several things has examples of each in its schema.
    let said: Vec<String> = choices(schema).into_iter().map(|choice| format!("`{choice}`")).collect();
    if !said.is_empty() {
        return match (is_override, wanted.first()) {
            (_, Some(&"an integer")) => {
                format!("write it without quotes and without a point: {}", said.join(", ").replace('`', ""))
            }
            (true, _) => format!("write {}{}", said.join(" or ").replace('"', ""), for_example()),
            (false, _) => format!("write {}", said.join(", or ")),
        };
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    match (wanted.first(), bound("minimum"), bound("maximum")) {
        (Some(&"a string"), ..) => "write a name in quotes".to_owned(),
        (Some(&"an integer"), Some(least), Some(greatest)) => {
            format!("write it without quotes and without a point: {least} to {greatest}")
        }
        (Some(&"an integer"), ..) => "write it without quotes and without a point: `32`".to_owned(),
        (Some(&"a number"), ..) => "write it without quotes: `0.8`".to_owned(),
        (Some(&"an array"), ..) => match (&example, sample(schema, path)) {
            (Some(example), _) => format!("write all its elements in brackets: `{example}`"),
            (None, Some((_, value))) => format!("write it in brackets: `{value}`"),
            (None, None) => "write it in brackets".to_owned(),
        },
        _ => "write `true` or `false`".to_owned(),
    }
}
