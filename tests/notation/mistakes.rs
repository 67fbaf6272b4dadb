//! One nest for every code, with the sentence, the place and the help as committed in `tests/goldens/nests/mistakes.txt`.

use std::fmt::Write;

use bitweight::encoding::EncodingKind;
use bitweight::matrix::Matrix;
use bitweight::notation::gemm::Shape;
use bitweight::notation::{Code, DigitRule, Nest, Operand, Place, Problem, Source, evaluate, gemm, transform};
use miette::Diagnostic;

/// A nest around which most mistakes are made: four lines above, one below.
fn os(step: &str) -> String {
    format!("par m in M, n in N\n  for k in K carrying acc\n{step}  C[m,n] = acc\n")
}

/// Nests with a mistake in the text or in the meaning, each named by the code it must give first.
fn texts() -> Vec<(Code, String)> {
    let digits = "    digits = encode(A[m,k])\n    par bw in BW\n      pp[bw] = shift(map(B[k,n], digits[bw]), bw)\n";
    let step = |statements: &str| os(&statements.lines().map(|line| format!("    {line}\n")).collect::<String>());
    vec![
        (Code::UnexpectedToken, step("acc += multiply(A[m,k] B[k,n])")),
        (Code::UnexpectedToken, step("acc += A[m,k] * B[k,n]")),
        (Code::UnexpectedToken, step("acc +=")),
        (Code::UnexpectedToken, step("s, c = add(acc, acc)")),
        (Code::BadIndentation, "par m in M\n\tC[m,n] = acc\n".to_owned()),
        (Code::BadIndentation, "par m in M\n    for k in K\n      acc += p\n  C[m,n] = acc\n".to_owned()),
        (Code::TooDeep, step(&format!("acc += {}A[m,k]", "shift(".repeat(40)))),
        (Code::TooDeep, format!("for {}\n  C[m,n] = acc\n", vec!["m in M"; 33].join(", "))),
        (Code::UnknownLoopVariable, "par i in M\n  C[m,n] = acc\n".to_owned()),
        (Code::UnknownExtent, "par m in 32\n  C[m,n] = acc\n".replace("32", "ROWS")),
        (Code::UnknownPrimitive, step("acc += mul(A[m,k], B[k,n])")),
        (Code::PassingLoop, "par m in M passing A, n in N\n  C[m,n] = A[m,n]\n".to_owned()),
        (Code::MeetingLoop, "for m in M meeting tile, n in N\n  C[m,n] = A[m,n]\n".to_owned()),
        (Code::SparseLoop, "par m in M, n in N\n  par g in G\n    C[m,n] = A[m,n]\n".to_owned()),
        (Code::KeptLoop, "par m in M\n  for k in kept(B[k,n], 2 of 4) carrying acc\n    par n in N\n      acc += multiply(A[m,k], B[k,n])\n  par n in N\n    C[m,n] = acc\n".to_owned()),
        (Code::KeptLoop, os("    acc += multiply(A[m,k], B[k,n])\n").replace("in K", "in kept(B[k,n], 4 of 4)")),
        (Code::UnexpectedToken, os("    acc += A[m,k]\n").replace("in K", "in kept(A[m,k], 2 of 4)")),
        (Code::EmptyLoop, "par m in M, n in N\nC[m,n] = acc\n".to_owned()),
        (
            Code::LoopVariableBoundTwice,
            "par m in M, n in N\n  for k in K carrying acc\n    par kp in KP carrying acc\n      \
             acc += multiply(A[m,k], B[k,n])\n  C[m,n] = acc\n"
                .to_owned(),
        ),
        (Code::LoopVariableBoundTwice, os(&format!("{digits}      s, c = half_reduce(pp[bw] over bw)\n    acc += A[m,k]\n"))),
        (
            Code::ExtentMismatch,
            "par m in MP, n in N\n  for k in K carrying acc\n    acc += multiply(A[m,k], B[k,n])\n  C[m,n] = acc\n".to_owned(),
        ),
        (
            Code::UnboundIndex,
            "par mp in MP, n in N\n  for k in K carrying acc\n    acc += multiply(A[m,k], B[k,n])\n  C[m,n] = acc\n".to_owned(),
        ),
        (Code::ReadBeforeWrite, step("acc += p\np = multiply(A[m,k], B[k,n])")),
        (Code::ReadBeforeWrite, step("acc += p")),
        (
            Code::ReadBeforeWrite,
            "par m in M, n in N\n  for k in K\n    p = multiply(A[m,k], B[k,n])\n  C[m,n] = p\n".to_owned(),
        ),
        (Code::WrittenTwice, step("p = A[m,k]\nacc += p\np = B[k,n]")),
        (Code::WrittenTwice, os(&format!("{digits}    s, s = half_reduce(pp[bw] over bw)\n    acc += s\n"))),
        (Code::ReservedName, step("bw = A[m,k]\nacc += A[m,k]")),
        (Code::MatrixDirection, step("A[m,k] = B[k,n]\nacc += A[m,k]")),
        (Code::MatrixDirection, step("acc += C[m,n]")),
        (Code::MatrixIndices, step("acc += multiply(A[k,m], B[k,n])")),
        (Code::IndicesDiffer, os(&format!("{digits}    acc += pp\n"))),
        (Code::IndexNotSpatial, step("p[k] = A[m,k]\nacc += A[m,k]")),
        (
            Code::NotCarried,
            "par m in M, n in N\n  for kt in KT carrying acc\n    par kp in KP\n      acc += multiply(A[m,k], B[k,n])\n  \
             C[m,n] = acc\n"
                .to_owned(),
        ),
        (Code::NotCarried, "par m in M, n in N\n  for k in K\n    acc += multiply(A[m,k], B[k,n])\n  C[m,n] = acc\n".to_owned()),
        (Code::CarriedNeverWritten, step("p = multiply(A[m,k], B[k,n])")),
        (Code::WrongKind, step("p = multiply(encode(A[m,k]), B[k,n])\nacc += p")),
        (Code::WrongKind, step("digits = encode(A[m,k])\nacc += digits")),
        (Code::WrongKind, step("acc += map(B[k,n], A[m,k])")),
        (Code::ShiftAxis, step("acc += shift(A[m,k], k)")),
        (
            Code::OverNotSpatial,
            os("    digits = encode(A[m,k])\n    s, c = half_reduce(map(B[k,n], digits[bw]) over bw)\n    acc += add(s, c)\n"),
        ),
        (Code::TwoEncodedOperands, step("d = encode(A[m,k])\ne = encode(B[k,n])\nacc += A[m,k]")),
        (Code::TwoEncodedOperands, gemm::base(Shape::Laconic, None).to_string().replace("sparse(encode(B[k,n]))", "sparse(encode(A[m,k]))")),
        (Code::TwoEncodedOperands, os("    for bw, digit in sparse(encode(A[m,k])) carrying acc\n      d = encode(B[k,n])\n      acc += map(B[k,n], digit)\n")),
        (Code::ResultStatements, "par m in M\n  for k in K carrying acc\n    acc += A[m,k]\n".to_owned()),
        (
            Code::ResultNotOnce,
            "par m in M, n in N\n  for k in K\n    C[m,n] = multiply(A[m,k], B[k,n])\n".to_owned(),
        ),
        (
            Code::ResultNotOnce,
            "par m in M, n in N\n  par k in K\n    C[m,n] += multiply(A[m,k], B[k,n])\n".to_owned(),
        ),
    ]
}

/// Well-formed nests to which `compress-accumulate` does not apply.
fn refused() -> Vec<(Code, String)> {
    let mac = gemm::output_stationary(Some(Operand::A)).to_string();
    let insert = |after: &str, line: &str| mac.replace(after, &format!("{after}{line}"));
    vec![
        (Code::NotWellFormed, mac.replace("carrying acc", "")),
        (
            Code::NoReductionLoop,
            "par m in M, n in N\n  for bw in BW carrying acc\n    acc += acc\n  C[m,n] = acc\n".to_owned(),
        ),
        (Code::NoHalfReduce, gemm::weight_stationary(None).to_string()),
        (Code::NoHalfReduce, mac.replace("add(s, c)", "s")),
        (Code::NoAccumulation, mac.replace("acc += add(s, c)", "acc = add(s, c)")),
        (
            Code::AlreadyApplied,
            transform::ALL[0].apply(&mac.parse().unwrap(), &transform::Parameters::default()).unwrap().to_string(),
        ),
        (
            Code::AccumulatorNotCarried,
            mac.replace(" carrying acc", "").replace("acc += add", "C[m,n] += add").replace("    C[m,n] = acc\n", ""),
        ),
        (Code::AddReadsMore, mac.replace("add(s, c)", "add(s, A[m,k])")),
        (Code::PairReadElsewhere, insert("acc += add(s, c)\n", "      spy = s\n")),
        (Code::AccumulatorRead, insert("acc += add(s, c)\n", "      spy = acc\n")),
    ]
}

/// Problems that cannot be run.
fn unrunnable() -> Vec<Code> {
    let (a, b) = (Matrix::filled(2, 3, 1), Matrix::filled(3, 2, 1));
    let rule = DigitRule { encoding: EncodingKind::EnT, bits: 8 };
    let good = Problem { a: &a, b: &b, places: [1, 1, 1], word_bits: 32, a_digits: Some(rule), b_digits: None };
    let nest = gemm::output_stationary(Some(Operand::A));
    assert!(evaluate(&nest, &good).is_ok());
    let cases = [
        (Code::ShapesDiffer, Problem { b: &a, ..good }),
        (Code::NoPlaces, Problem { places: [1, 0, 1], ..good }),
        (Code::WordBits, Problem { word_bits: 65, ..good }),
        (Code::NoDigits, Problem { a_digits: None, b_digits: Some(rule), ..good }),
    ];
    let kept = transform::by_name("compress-n-of-m").unwrap().apply(&nest, &transform::Parameters::default()).unwrap();
    let error = evaluate(&kept, &good).unwrap_err();
    assert_eq!(error.code().map(|code| code.to_string()).as_deref(), Some(Code::NotNOfM.name()));
    assert_eq!(error.to_string(), "B[0.., 0] has 3 elements that are not zero in a group, and the nest keeps 2 of 4");
    for (code, problem) in &cases {
        let error = evaluate(&nest, problem).unwrap_err();
        assert_eq!(error.code().map(|code| code.to_string()).as_deref(), Some(code.name()));
        assert!(error.help().is_some());
    }
    cases.map(|(code, _)| code).into_iter().chain([Code::NotNOfM]).collect()
}

#[test]
fn every_mistake_is_told_as_committed() {
    let mut told = String::new();
    for (code, text) in texts() {
        let mistakes = match Source::parse(&text) {
            Err(error) => vec![error],
            Ok(source) => source.well_formed().expect_err(&text),
        };
        assert_eq!(mistakes[0].code, code, "{mistakes:#?}\n{text}");
        writeln!(told, "{text}").unwrap();
        for mistake in mistakes {
            let (line, column) = (mistake.line, mistake.column);
            writeln!(told, "  {}\n  {line}:{column}: {mistake}\n  help: {}\n", mistake.code, mistake.help).unwrap();
        }
    }
    for (code, text) in refused() {
        let error =
            transform::ALL[0].apply(&text.parse().expect(&text), &transform::Parameters::default()).expect_err(&text);
        assert_eq!(error.code, code, "{error}\n{text}");
        writeln!(told, "{text}\n  {}\n  {error}\n  help: {}\n", error.code, error.help).unwrap();
    }
    crate::golden("mistakes.txt", &told);
}

#[test]
fn every_code_has_an_example_and_a_page() {
    let examples: Vec<Code> = texts()
        .into_iter()
        .chain(refused())
        .map(|(code, _)| code)
        .chain(unrunnable())
        .chain(crate::chains::illegal())
        .collect();
    for code in Code::ALL {
        assert!(examples.contains(code), "{code} has no example");
        assert!(code.explain().len() > 40, "{code} explains nothing");
    }
}

#[test]
fn a_text_of_a_million_brackets_or_levels_is_refused_and_not_a_crash() {
    let calls = format!("acc = {}", "add(".repeat(1_000_000));
    assert_eq!(calls.parse::<Nest>().unwrap_err().code, Code::TooDeep);
    let levels: String = (0..2_000).map(|depth| format!("{:depth$}for k in K\n", "")).collect();
    assert_eq!(levels.parse::<Nest>().unwrap_err().code, Code::TooDeep);
}

#[test]
fn lines_of_mistakes_are_those_of_the_text_not_of_the_printed_form() {
    let text = "# a comment\n\npar m in M   # rows\n   par n in N\n\n       C[m,n] = acc\n";
    let source = Source::parse(text).unwrap();
    let place = |line, column| Place { line, column };
    assert_eq!(source.places, [place(3, 1), place(4, 4), place(6, 8)]);
    assert_eq!(source.nest.places(), [place(1, 1), place(1, 1), place(2, 3)]);
    let mistake = &source.well_formed().unwrap_err()[0];
    assert_eq!((mistake.line, mistake.column), (6, 8));
    let mistake = &source.nest.well_formed().unwrap_err()[0];
    assert_eq!((mistake.line, mistake.column), (2, 3));
}
