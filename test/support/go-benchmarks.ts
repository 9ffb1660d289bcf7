// The grammar of Go's benchmark format, golang.org/design/14313-benchmark-format: configuration `key: value`, whose key
// begins with a small letter and holds no blank and no capital, and results `BenchmarkName N value unit …`.

export const isKey = (line: string): boolean => /^[^\p{Lu}\s:][^\p{Lu}\s:]*: .+$/u.test(line);

export const isResult = (line: string): boolean =>
  /^Benchmark(?!\p{Ll})\S+ [1-9]\d* (\d+(\.\d+)? \S+)( \d+(\.\d+)? \S+)*$/u.test(line);
