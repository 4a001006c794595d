// The compiled tool is what users run: tests that start the command line, or that read compiled code, get a fresh build.
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
