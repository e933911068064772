import packageJson from '../../package.json' with { type: 'json' };

export const toolVersion = packageJson.version;

/** Program and version, as files that we write name it. */
export const toolName = `otherself ${toolVersion}`;
