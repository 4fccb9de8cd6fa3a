import { plainText } from '../plain-text.ts';

/** Names by user id from passwd(5); where several have one id the first counts, as for getpwuid(3). */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':', 3);
    if (!/^\d{1,10}$/.test(id) || name === '' || /^[#+-]/.test(name)) continue;
    const uid = Number(id);
    if (!names.has(uid)) names.set(uid, plainText(name));
  }
  return names;
}
