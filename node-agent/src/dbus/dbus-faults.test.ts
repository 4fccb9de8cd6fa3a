import type { Reason } from '@telemcp/shared/envelope';
import { describe, expect, test } from 'vitest';
import { closedFault, connectionFault, helloFault, replyFault } from './dbus-faults.ts';

const SOCKET = '/run/dbus/system_bus_socket';

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} ${SOCKET}`), { code, syscall: 'connect' });
}

describe('an error reply says why in the words of the contract', () => {
  const cases: readonly [name: string, text: string, reason: Reason][] = [
    ['org.freedesktop.systemd1.NoSuchUnit', 'Unit foo.service not loaded.', 'not_found'],
    ['org.freedesktop.DBus.Error.ServiceUnknown', 'The name is not activatable', 'not_found'],
    ['org.freedesktop.DBus.Error.NameHasNoOwner', "Could not get owner of name 'x': no such name", 'not_found'],
    ['org.freedesktop.DBus.Error.UnknownObject', 'Unknown object', 'not_found'],
    ['org.freedesktop.DBus.Error.UnknownProperty', 'Unknown property MemoryPeak', 'not_found'],
    ['org.freedesktop.DBus.Error.UnknownMethod', 'Unknown method', 'unsupported'],
    ['org.freedesktop.DBus.Error.AccessDenied', 'Permission denied', 'permission_denied'],
    ['org.freedesktop.DBus.Error.InteractiveAuthorizationRequired', 'Interactive authentication', 'permission_denied'],
    ['org.freedesktop.DBus.Error.NoReply', 'Message recipient disconnected', 'unreachable'],
    ['org.freedesktop.DBus.Error.AccessDenied', 'An AppArmor policy prevents this sender', 'apparmor_denied'],
    ['org.example.Whatever', 'odd', 'read_error'],
    ['constructor', 'a name that is also a property of every object', 'read_error'],
  ];
  test.each(cases)('%s %s: %s', (name, text, reason) => {
    const fault = replyFault(name, text, 'org.freedesktop.systemd1 GetUnit');
    expect(fault.reason).toBe(reason);
    expect(fault.message).toBe(`org.freedesktop.systemd1 GetUnit: ${name}: ${text}`);
  });

  test('only AppArmor comes with a hint: what the unit or the property is, the bus cannot mend', () => {
    expect(replyFault('a.AccessDenied', 'An AppArmor policy prevents this', 'x').hint).toContain('appArmorProfile');
    expect(replyFault('a.NoSuchUnit', '', 'x').hint).toBeNull();
  });

  test('a text of megabytes is cut', () => {
    expect(replyFault('a.B', 'x'.repeat(1_000_000), 'call').message.length).toBeLessThan(400);
  });
});

describe('a broken connection says why', () => {
  test.each([
    ['ENOENT', 'not_found', '/run/dbus'],
    ['ENOTDIR', 'not_found', '/run/dbus'],
    ['EACCES', 'permission_denied', 'spc_t'],
    ['ECONNREFUSED', 'unreachable', 'TELEMCP_DBUS_ADDRESS'],
    ['EAGAIN', 'unreachable', 'TELEMCP_DBUS_ADDRESS'],
  ] as const)('%s while connecting: %s, with what to do', (code, reason, hint) => {
    const fault = connectionFault(systemError(code), 'connecting', SOCKET);
    expect(fault.reason).toBe(reason);
    expect(fault.message).toBe(`D-Bus at ${SOCKET}: ${code}`);
    expect(fault.hint).toContain(hint);
  });

  test('cut off between authentication and Hello: the uid is not one of the host', () => {
    for (const fault of [
      connectionFault(systemError('EPIPE'), 'greeting', SOCKET),
      connectionFault(systemError('ECONNRESET'), 'authenticating', SOCKET),
      closedFault('greeting', SOCKET),
      connectionFault(new Error('No authentication methods left to try'), 'authenticating', SOCKET),
    ]) {
      expect(fault.reason).toBe('auth_rejected');
      expect(fault.hint).toContain('passwd');
    }
  });

  test('cut off later it went away, and what it sent was wrong when decoding it failed', () => {
    expect(connectionFault(systemError('ECONNRESET'), 'ready', SOCKET).reason).toBe('unreachable');
    expect(closedFault('ready', SOCKET).reason).toBe('unreachable');
    expect(
      connectionFault(Object.assign(new RangeError('offset'), { code: 'ERR_OUT_OF_RANGE' }), 'ready', SOCKET).reason,
    ).toBe('parse_error');
  });

  test('a peer that knows no Hello is no message bus', () => {
    const fault = helloFault('org.freedesktop.DBus.Error.UnknownObject', 'Unknown object', '/run/systemd/private');
    expect(fault.reason).toBe('unreachable');
    expect(fault.hint).toContain('/run/systemd/private');
  });
});
