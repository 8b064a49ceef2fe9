package mutant
import ("testing";"example.com/attest/props")
func TestZZ(t *testing.T){ for _,m:=range oneCheckMutants { for _,seed:=range []uint64{1,2,3,4,5} { for _,d:=range Try(m,props.Options{Cases:200,Seed:seed}) { if !d.Killed {t.Errorf("%s survives %s: %s %d %s",m.Name,d.Claim,d.Verdict,d.Cases,d.Reason)} else {t.Logf("%s %s %d",m.Name,d.Claim,d.Cases)} } } } }
