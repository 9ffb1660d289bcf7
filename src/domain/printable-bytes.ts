// Text of many numbers, made as the bytes that are written: to make a string of each number and of each line takes more than
// to find what stands in it.

import { isPlain, markPlain, type PrintableBytes } from "./printable.ts";

/** Bytes of a piece. A text that goes a little beyond it needs no wider buffer. */
const piece_bytes = 65_536;
const room_bytes = piece_bytes + 4096;

/** A piece of a text: its bytes where every character in it is plain, which nothing has to look through again. */
export type TextPiece = string | PrintableBytes;

/** A text that is added many times. */
export type EncodedText = Uint8Array;

/** Takes a text in parts, and gives it in pieces. */
export class ByteText {
  #bytes = Buffer.allocUnsafeSlow(room_bytes);
  #length = 0;
  #isPlain = true;

  /** Whether there is enough for a piece. */
  get isPiece(): boolean {
    return this.#length >= piece_bytes;
  }

  /** Returns `text` for `add`. */
  encode(text: string): EncodedText {
    if (!isPlain(text)) this.#isPlain = false;
    return Buffer.from(text);
  }

  add(text: EncodedText): void {
    const { length } = text;
    this.#makeRoom(length);
    const [bytes, at] = [this.#bytes, this.#length];
    // To call set() takes longer than to copy a few bytes.
    if (length > 24) bytes.set(text, at);
    else for (let k = 0; k < length; k++) bytes[at + k] = text[k] as number;
    this.#length = at + length;
  }

  /** Adds a number as String() writes it. */
  addNumber(value: number): void {
    this.#makeRoom(32);
    const whole = Math.floor(value);
    if (whole === value && value >= 0 && value < 1e15) return this.#addWhole(whole);
    if (value >= 0 && value < 1e9) {
      // Of whole microseconds there are 15 digits at most, so that no shorter number is the same.
      const millionths = Math.round(value * 1e6);
      if (millionths / 1e6 === value) return this.#addMillionths(whole, millionths - whole * 1e6);
    }
    const text = String(value);
    for (let k = 0; k < text.length; k++) this.#bytes[this.#length + k] = text.charCodeAt(k);
    this.#length += text.length;
  }

  /** Adds a whole number from 0 to below 1e15. */
  #addWhole(value: number): void {
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.#addWhole(high);
      this.#addDigits(value - high * 1e9, 9);
      return;
    }
    let digits = 1;
    for (let above = 10; above <= value; above *= 10) digits += 1;
    this.#addDigits(value, digits);
  }

  /** Adds the last `digits` digits of a whole number below 1e9. */
  #addDigits(value: number, digits: number): void {
    const bytes = this.#bytes;
    this.#length += digits;
    // oxlint-disable-next-line no-bitwise -- small whole numbers divide sooner
    let rest = value | 0;
    for (let at = this.#length - 1; at >= this.#length - digits; at--) {
      // oxlint-disable-next-line no-bitwise -- as above
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
  }

  #addMillionths(whole: number, millionths: number): void {
    this.#addWhole(whole);
    this.#bytes[this.#length] = point;
    this.#length += 1;
    this.#addDigits(millionths, 6);
    while (this.#bytes[this.#length - 1] === zero) this.#length -= 1;
  }

  /** Returns what was added since the last piece. */
  take(): TextPiece {
    const piece = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (!this.#isPlain) return piece.toString();
    this.#bytes = Buffer.allocUnsafeSlow(room_bytes);
    return markPlain(piece);
  }

  #makeRoom(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(2 * (this.#length + length));
    wider.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = wider;
  }
}

const zero = 0x30;
const point = 0x2e;
