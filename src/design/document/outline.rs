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
            self.mistakes.push(self.document.mistake(
                "design::wrong_type",
                place,
                format!("`{}` is {is}", self.path.join(".")),
                format!("must be {}", wanted.join(" or ")),
                example(schema, &wanted),
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
                    example(schema, &["an integer"]),
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

/// What to write instead of a value of another type.
fn example(schema: &Value, wanted: &[&str]) -> String {
    // What may be one of several things has examples of each in its schema.
    if let Some(examples) = schema.get("examples").and_then(Value::as_array) {
        let examples: Vec<String> = examples.iter().map(|example| format!("`{example}`")).collect();
        return format!("write {}", examples.join(", or "));
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    let names = schema.get("enum").and_then(Value::as_array);
    match (wanted.first(), names, bound("minimum"), bound("maximum")) {
        (Some(&"a string"), ..) => "write it in quotes: `\"int8\"`".to_owned(),
        (Some(&"an integer"), Some(names), ..) => {
            let names: Vec<String> = names.iter().map(Value::to_string).collect();
            format!("write it without quotes and without a point: {}", names.join(", "))
        }
        (Some(&"an integer"), None, Some(least), Some(greatest)) => {
            format!("write it without quotes and without a point: {least} to {greatest}")
        }
        (Some(&"an integer"), ..) => "write it without quotes and without a point: `32`".to_owned(),
        (Some(&"a number"), ..) => "write it without quotes: `0.8`".to_owned(),
        (Some(&"an array"), ..) => "write it in brackets: `[\"compress-accumulate\"]`".to_owned(),
        (Some(&"a table"), ..) => "write its keys under a header: `[array]`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}
