/** The few calls of node-forge that are used here; the package ships no types. Its strings hold one byte per character. */
declare module 'node-forge' {
  interface ByteBuffer {
    getBytes(): string;
  }
  interface BlockCipher {
    update(input: ByteBuffer): void;
    /** False when the padding is wrong, as it mostly is under a wrong password. */
    finish(): boolean;
    readonly output: ByteBuffer;
  }
  interface Asn1 {
    readonly tagClass: number;
  }
  const forge: {
    asn1: { fromDer(bytes: string): Asn1 };
    util: { createBuffer(bytes: string): ByteBuffer };
    pki: { pbe: { getCipher(oid: string, params: Asn1, password: string | null): BlockCipher } };
  };
  export = forge;
}
