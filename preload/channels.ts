/** The two Electron channels: every call goes over the first as (name, input), every event over the second as (name, payload). */
export const callChannel = 'verisim:call';
export const eventChannel = 'verisim:event';
